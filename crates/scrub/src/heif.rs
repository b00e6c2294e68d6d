//! Pictures in boxes: HEIC and AVIF (ISO/IEC 23008-12). The pictures that are shown stay, with what they are put together from,
//! their properties on a list, and the bytes of the file that hold them; thumbnails, depth, Exif, XMP and films beside them go.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::NoCopy;
use crate::boxes::{Kind, array_at, boxes, kind_at, made, maybe, only, part, top, u16_at, u32_at};
use crate::kept::{Kept, brands};
use crate::mp4::{colours, sets};
use crate::plan::{Plan, Source, fetch};

/// Bytes of what is said of all pictures. One of 50 megapixels in tiles has some 10 kB.
const META_MAX: u64 = 4 << 20;
const BRANDS: [&Kind; 16] = [
    b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"miaf", b"avif", b"MiHB", b"MiHA", b"MiHE", b"MiPr",
    b"MA1A", b"MA1B", b"avio", b"1pic",
];
/// Coded, or put together from others.
const PICTURES: [&Kind; 6] = [b"hvc1", b"av01", b"avc1", b"grid", b"iovl", b"iden"];
/// What stays of a property as it is: shape, depth of colours, which side is up, what is cut off, brightness, layers.
const PROPERTIES: [&Kind; 16] = [
    b"av1C", b"avcC", b"ispe", b"pixi", b"irot", b"imir", b"clap", b"pasp", b"clli", b"mdcv", b"cclv", b"amve",
    b"lsel", b"a1op", b"a1lx", b"rloc",
];
/// Of the pictures beside one, that which says what can be seen through.
const ALPHA: [&[u8]; 3] = [
    b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    b"urn:mpeg:hevc:2015:auxid:1",
    b"urn:mpeg:avc:2015:auxid:1",
];

/// Names in the box of properties, a place for each.
type Properties = Vec<Option<Vec<u8>>>;

struct Item {
    kind: Kind,
    is_hidden: bool,
}

/// Where the bytes of an item are.
struct Place {
    /// In the box `idat`, or in the file.
    is_inside: bool,
    extents: Vec<Range<u64>>,
}

/// From one item to others.
struct Reference {
    kind: Kind,
    from: u32,
    to: Vec<u32>,
}

pub(crate) fn plan(source: &mut dyn Source) -> Result<Plan, NoCopy> {
    let top = top(source)?;
    if top.iter().any(|found| found.kind == *b"moov") {
        // A sequence, which may be a film.
        return Err(NoCopy::Unknown);
    }
    let mut of = |kind: &Kind| {
        let found = top.iter().find(|found| found.kind == *kind).ok_or(NoCopy::Damaged)?;
        fetch(source, found.body.clone(), META_MAX)
    };
    let brands = brands(&of(b"ftyp")?, &BRANDS, b"mif1")?;
    let meta = of(b"meta")?;
    let data: Vec<_> = top
        .iter()
        .filter(|found| found.kind == *b"mdat")
        .map(|found| found.body.clone())
        .collect();
    let pictures = Pictures::read(&meta)?;
    let extents = pictures.places.values().filter(|place| !place.is_inside);
    let kept = Kept::new(extents.flat_map(|place| place.extents.clone()).collect(), &data)?;
    let length = pictures.write(&Ok)?.len();
    let begin = (brands.len() + length + kept.header().len()) as u64;
    let mut plan = Plan::default();
    plan.make(brands);
    plan.make(pictures.write(&|at| Ok(begin + kept.place(at)?))?);
    kept.put(&mut plan);
    Ok(plan)
}

/// What stays.
struct Pictures {
    primary: u32,
    items: BTreeMap<u32, Item>,
    references: Vec<Reference>,
    properties: Properties,
    /// Of each item its properties: the place of each, and whether nothing can be shown without it.
    of_items: BTreeMap<u32, Vec<(usize, bool)>>,
    places: BTreeMap<u32, Place>,
    inside: Vec<u8>,
}

impl Pictures {
    fn read(meta: &[u8]) -> Result<Self, NoCopy> {
        let found = boxes(part(meta, 4..meta.len())?)?;
        let primary = only(&found, b"pitm")?;
        let primary = number(primary, 4, is_long(primary))?;
        let mut items = items(only(&found, b"iinf")?)?;
        let mut references = match maybe(&found, b"iref") {
            Some(body) => references(body)?,
            None => Vec::new(),
        };
        let list = boxes(only(&found, b"iprp")?)?;
        let properties = boxes(only(&list, b"ipco")?)?;
        let is_alpha = |at: usize| {
            let property = at.checked_sub(1).and_then(|at| properties.get(at));
            property.is_some_and(|property| property.kind == *b"auxC" && is_alpha(property.body))
        };
        let mut of_items = BTreeMap::new();
        for list in list.iter().filter(|found| found.kind == *b"ipma") {
            associations(list.body, &mut of_items)?;
        }
        let has_alpha = |item: &u32| {
            let of_item: Option<&Vec<(usize, bool)>> = of_items.get(item);
            of_item.is_some_and(|list| list.iter().any(|(at, _)| is_alpha(*at)))
        };
        let kept = shown(primary, &items, &references, &has_alpha)?;
        items.retain(|item, _| kept.contains(item));
        of_items.retain(|item, _| kept.contains(item));
        references.retain_mut(|reference| {
            reference.to.retain(|item| kept.contains(item));
            let is_known = [b"dimg", b"auxl", b"prem"].contains(&&reference.kind);
            is_known && kept.contains(&reference.from) && !reference.to.is_empty()
        });
        let properties = properties
            .iter()
            .map(|property| cleaned(&property.kind, property.body))
            .collect::<Result<Properties, _>>()?;
        for (at, is_essential) in of_items.values().flatten() {
            let property = at
                .checked_sub(1)
                .and_then(|at| properties.get(at))
                .ok_or(NoCopy::Damaged)?;
            if property.is_none() && *is_essential {
                return Err(NoCopy::Unknown);
            }
        }
        let mut places = places(only(&found, b"iloc")?)?;
        places.retain(|item, _| kept.contains(item));
        if places.len() != kept.len() {
            return Err(NoCopy::Damaged);
        }
        // What is kept within the box itself moves to its beginning.
        let (of_inside, mut inside) = (maybe(&found, b"idat").unwrap_or_default(), Vec::new());
        for extent in places
            .values_mut()
            .filter(|place| place.is_inside)
            .flat_map(|place| &mut place.extents)
        {
            let range = usize::try_from(extent.start).ok().zip(usize::try_from(extent.end).ok());
            let (from, to) = range.ok_or(NoCopy::Damaged)?;
            let begin = inside.len() as u64;
            inside.extend_from_slice(part(of_inside, from..to)?);
            *extent = begin..inside.len() as u64;
            if inside.len() as u64 > META_MAX {
                return Err(NoCopy::Large);
            }
        }
        Ok(Self {
            primary,
            items,
            references,
            properties,
            of_items,
            places,
            inside,
        })
    }

    /// The box of all of it; `place` says where a byte of the file then stands.
    fn write(&self, place: &dyn Fn(u64) -> Result<u64, NoCopy>) -> Result<Vec<u8>, NoCopy> {
        let mut body = vec![0; 4];
        body.extend(made(*b"hdlr", &[&[0; 8], &b"pict"[..], &[0; 13]].concat()));
        body.extend(made(
            *b"pitm",
            &[&[1, 0, 0, 0], &self.primary.to_be_bytes()[..]].concat(),
        ));
        let mut list = [&[1, 0, 0, 0], &(self.items.len() as u32).to_be_bytes()[..]].concat();
        for (id, item) in &self.items {
            let head = [3, 0, 0, u8::from(item.is_hidden)];
            list.extend(made(
                *b"infe",
                &[&head, &id.to_be_bytes()[..], &[0, 0], &item.kind, &[0]].concat(),
            ));
        }
        body.extend(made(*b"iinf", &list));
        if !self.references.is_empty() {
            let mut list = vec![1, 0, 0, 0];
            for reference in &self.references {
                let mut one = reference.from.to_be_bytes().to_vec();
                one.extend((reference.to.len() as u16).to_be_bytes());
                one.extend(reference.to.iter().flat_map(|to| to.to_be_bytes()));
                list.extend(made(reference.kind, &one));
            }
            body.extend(made(*b"iref", &list));
        }
        body.extend(made(*b"iprp", &self.properties()));
        if !self.inside.is_empty() {
            body.extend(made(*b"idat", &self.inside));
        }
        // Version 2, eight bytes for where and four for how much, no base.
        let mut list = [&[2, 0, 0, 0, 0x84, 0], &(self.places.len() as u32).to_be_bytes()[..]].concat();
        for (id, of_item) in &self.places {
            list.extend(id.to_be_bytes());
            list.extend([0, u8::from(of_item.is_inside), 0, 0]);
            list.extend((of_item.extents.len() as u16).to_be_bytes());
            for extent in &of_item.extents {
                let at = if of_item.is_inside {
                    extent.start
                } else {
                    place(extent.start)?
                };
                list.extend(at.to_be_bytes());
                let length = u32::try_from(extent.end - extent.start).map_err(|_| NoCopy::Large)?;
                list.extend(length.to_be_bytes());
            }
        }
        body.extend(made(*b"iloc", &list));
        Ok(made(*b"meta", &body))
    }

    /// The properties that something has, and which item has which.
    fn properties(&self) -> Vec<u8> {
        let used: BTreeSet<usize> = self.of_items.values().flatten().map(|(at, _)| *at).collect();
        let (mut all, mut numbers) = (Vec::new(), BTreeMap::new());
        for at in used {
            if let Some(Some(property)) = self.properties.get(at - 1) {
                all.extend_from_slice(property);
                numbers.insert(at, numbers.len() as u16 + 1);
            }
        }
        let mut list = [&[1, 0, 0, 1], &(self.of_items.len() as u32).to_be_bytes()[..]].concat();
        for (item, of_item) in &self.of_items {
            let of_item: Vec<u16> = of_item
                .iter()
                .filter_map(|(at, is_essential)| Some(numbers.get(at)? | u16::from(*is_essential) << 15))
                .collect();
            list.extend(item.to_be_bytes());
            list.push(of_item.len() as u8);
            list.extend(of_item.iter().flat_map(|number| number.to_be_bytes()));
        }
        [made(*b"ipco", &all), made(*b"ipma", &list)].concat()
    }
}

/// The items that are shown: that which is shown first, others that are shown beside it, what can be seen through them, and what
/// all of these are put together from.
fn shown(
    primary: u32,
    items: &BTreeMap<u32, Item>,
    references: &[Reference],
    has_alpha: &dyn Fn(&u32) -> bool,
) -> Result<BTreeSet<u32>, NoCopy> {
    let is_picture = |id: &u32| items.get(id).is_some_and(|item| PICTURES.contains(&&item.kind));
    let of = |kind: &'static Kind| references.iter().filter(move |reference| reference.kind == *kind);
    let beside: BTreeSet<u32> = of(b"thmb").chain(of(b"auxl")).map(|reference| reference.from).collect();
    let parts: BTreeSet<u32> = of(b"dimg").flat_map(|reference| reference.to.iter().copied()).collect();
    let mut waiting: Vec<u32> = items
        .iter()
        .filter(|(id, item)| is_picture(id) && !item.is_hidden && !beside.contains(id) && !parts.contains(id))
        .map(|(id, _)| *id)
        .collect();
    waiting.push(primary);
    let mut made_of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for reference in of(b"dimg") {
        made_of.entry(reference.from).or_default().extend(&reference.to);
    }
    let mut seen_through: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for reference in of(b"auxl").filter(|reference| has_alpha(&reference.from)) {
        for to in &reference.to {
            seen_through.entry(*to).or_default().push(reference.from);
        }
    }
    let mut kept = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !is_picture(&id) {
            return Err(NoCopy::Unknown);
        }
        if kept.insert(id) {
            for others in [&made_of, &seen_through] {
                waiting.extend(others.get(&id).into_iter().flatten());
            }
        }
    }
    Ok(kept)
}

/// A property as it may stay; none where it goes.
fn cleaned(kind: &Kind, body: &[u8]) -> Result<Option<Vec<u8>>, NoCopy> {
    Ok(match kind {
        kind if PROPERTIES.contains(&kind) => Some(made(*kind, body)),
        b"hvcC" => Some(made(*kind, &sets(body, 22)?)),
        b"lhvC" => Some(made(*kind, &sets(body, 5)?)),
        b"colr" => colours(body)?,
        b"auxC" if is_alpha(body) => {
            let end = body.iter().skip(4).position(|byte| *byte == 0).ok_or(NoCopy::Damaged)?;
            Some(made(*kind, part(body, 0..4 + end + 1)?))
        }
        _ => None,
    })
}

fn is_alpha(body: &[u8]) -> bool {
    let name = body.get(4..).and_then(|rest| rest.split(|byte| *byte == 0).next());
    name.is_some_and(|name| ALPHA.contains(&name))
}

fn is_long(body: &[u8]) -> bool {
    body.first().is_some_and(|version| *version > 0)
}

/// A number of four bytes or of two.
fn number(body: &[u8], at: usize, is_long: bool) -> Result<u32, NoCopy> {
    if is_long {
        u32_at(body, at)
    } else {
        Ok(u16_at(body, at)?.into())
    }
}

fn items(body: &[u8]) -> Result<BTreeMap<u32, Item>, NoCopy> {
    let head = if is_long(body) { 8 } else { 6 };
    let mut items = BTreeMap::new();
    for found in boxes(part(body, head..body.len())?)? {
        let body = found.body;
        let id_at = match (&found.kind, body.first()) {
            (b"infe", Some(2)) => 6,
            (b"infe", Some(3)) => 8,
            // Older ones have no kind; none of them is a picture.
            _ => continue,
        };
        let item = Item {
            kind: kind_at(body, id_at + 2)?,
            is_hidden: body.get(3).is_some_and(|flags| flags & 1 == 1),
        };
        // What is locked is none of the list.
        if u16_at(body, id_at)? == 0 {
            items.insert(number(body, 4, id_at == 8)?, item);
        }
    }
    Ok(items)
}

fn references(body: &[u8]) -> Result<Vec<Reference>, NoCopy> {
    let (is_long, mut list) = (is_long(body), Vec::new());
    let width = if is_long { 4 } else { 2 };
    for found in boxes(part(body, 4..body.len())?)? {
        let count = usize::from(u16_at(found.body, width)?);
        let to = (0..count).map(|n| number(found.body, width + 2 + n * width, is_long));
        list.push(Reference {
            kind: found.kind,
            from: number(found.body, 0, is_long)?,
            to: to.collect::<Result<_, _>>()?,
        });
    }
    Ok(list)
}

fn associations(body: &[u8], into: &mut BTreeMap<u32, Vec<(usize, bool)>>) -> Result<(), NoCopy> {
    let (is_long, is_wide) = (is_long(body), body.get(3).is_some_and(|flags| flags & 1 == 1));
    let mut at = 8;
    for _ in 0..u32_at(body, 4)? {
        let item = number(body, at, is_long)?;
        at += if is_long { 4 } else { 2 };
        let count = *body.get(at).ok_or(NoCopy::Damaged)?;
        at += 1;
        let list = into.entry(item).or_default();
        for _ in 0..count {
            let (number, is_essential) = if is_wide {
                let both = u16_at(body, at)?;
                (both & 0x7fff, both >> 15 == 1)
            } else {
                let both = *body.get(at).ok_or(NoCopy::Damaged)?;
                (u16::from(both & 0x7f), both >> 7 == 1)
            };
            at += if is_wide { 2 } else { 1 };
            // None.
            if number > 0 {
                list.push((number.into(), is_essential));
            }
        }
        if list.len() > 255 {
            return Err(NoCopy::Damaged);
        }
    }
    Ok(())
}

fn places(body: &[u8]) -> Result<BTreeMap<u32, Place>, NoCopy> {
    let version = *body.first().ok_or(NoCopy::Damaged)?;
    let [sizes, more] = array_at(body, 4)?;
    let (of_at, of_length, of_base) = (sizes >> 4, sizes & 15, more >> 4);
    let of_index = if version > 0 { more & 15 } else { 0 };
    let mut at = 6;
    let mut sized = |size: u8| {
        let bytes = part(body, at..at + usize::from(size))?;
        at += usize::from(size);
        Some(bytes.iter().fold(0u64, |all, byte| all << 8 | u64::from(*byte)))
            .filter(|_| size <= 8)
            .ok_or(NoCopy::Damaged)
    };
    let of_id = if version == 2 { 4 } else { 2 };
    let mut places = BTreeMap::new();
    for _ in 0..sized(of_id)? {
        let id = sized(of_id)? as u32;
        let method = if version > 0 { sized(2)? & 15 } else { 0 };
        let is_elsewhere = sized(2)? != 0 || method > 1;
        let base = sized(of_base)?;
        let mut extents = Vec::new();
        for _ in 0..sized(2)? {
            sized(of_index)?;
            let begin = base.checked_add(sized(of_at)?).ok_or(NoCopy::Damaged)?;
            let end = begin.checked_add(sized(of_length)?).ok_or(NoCopy::Damaged)?;
            extents.push(begin..end);
        }
        // All of something, without a length; of another file; or of an item that is put together from this.
        if is_elsewhere || extents.iter().any(Range::is_empty) {
            continue;
        }
        let is_inside = method == 1;
        places.insert(id, Place { is_inside, extents });
    }
    Ok(places)
}
