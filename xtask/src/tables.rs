//! Which tables a WebAssembly module exports, and of what: the one thing that an optimiser was seen to get wrong.
//!
//! Binaryen 108, which Debian 12 has, writes every exported table as the first one. The glue then looks for a value among
//! functions, and whatever goes wrong in the module ends in another error than its own.

const TABLES: u8 = 4;
const EXPORTS: u8 = 7;
const TABLE: u8 = 1;

/// The exported tables: name, and type of the elements; `None` for what is no module.
pub fn exported(module: &[u8]) -> Option<Vec<(Vec<u8>, u8)>> {
    let mut rest = module.strip_prefix(b"\0asm\x01\0\0\0")?;
    let (mut types, mut exports) = (Vec::new(), Vec::new());
    while let Some(id) = byte(&mut rest) {
        let length = number(&mut rest)?;
        let mut section = take(&mut rest, length)?;
        match id {
            TABLES => {
                for _ in 0..number(&mut section)? {
                    types.push(byte(&mut section)?);
                    let has_maximum = byte(&mut section)? & 1 == 1;
                    number(&mut section)?;
                    if has_maximum {
                        number(&mut section)?;
                    }
                }
            }
            EXPORTS => {
                for _ in 0..number(&mut section)? {
                    let length = number(&mut section)?;
                    let name = take(&mut section, length)?.to_vec();
                    let kind = byte(&mut section)?;
                    let index = number(&mut section)?;
                    if kind == TABLE {
                        exports.push((name, index));
                    }
                }
            }
            _ => {}
        }
    }
    let typed = exports
        .into_iter()
        .map(|(name, index)| Some((name, *types.get(index)?)));
    typed.collect()
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    Some(*first)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

/// An unsigned LEB128 number of at most 32 bits.
fn number(rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for shift in (0..35).step_by(7) {
        let next = byte(rest)?;
        value |= usize::from(next & 0x7f) << shift;
        if next < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of functions, then one of values, of which `index` is exported as `t`.
    fn module(index: u8) -> Vec<u8> {
        let tables = [TABLES, 7, 2, 0x70, 1, 3, 0x83, 0x01, 0x6f, 0, 0x84, 0x08];
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend_from_slice(&tables);
        // Its length counts what comes after it.
        module[9] = tables.len() as u8 - 2;
        module.extend_from_slice(&[EXPORTS, 5, 1, 1, b't', TABLE, index]);
        module
    }

    #[test]
    fn an_exported_table_is_told_by_its_type() {
        assert_eq!(exported(&module(1)), Some(vec![(b"t".to_vec(), 0x6f)]));
        assert_eq!(exported(&module(0)), Some(vec![(b"t".to_vec(), 0x70)]));
        assert_eq!(exported(&module(2)), None);
        assert_eq!(exported(b"no module"), None);
    }
}
