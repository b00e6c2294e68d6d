### The form for a browser without scripts, which the server seals (docs/protocol.md §14.4). Same ids, attributes and variables as es.plain.ftl.

## Its first page: no field
plain-h1 = Telling it without JavaScript
# As docs/protocol.md §14.4 has it in Spanish.
plain-disclosure = Without JavaScript, this server reads what you write before it seals it, and it also sees your eight words. If whoever runs the server is dishonest or has been broken into, they can keep it. Safer: turn on JavaScript, or go in person. You can start here just to ask where there is help.
plain-nowhere = This site does not offer the way without JavaScript: nothing that you write would be taken. The other ways are below.
plain-onion = The way without JavaScript only works at this site's .onion address, with Tor Browser. If the address that you see above does not end in .onion, use the one below.
plain-not-here = At this address nothing is taken without JavaScript. Nothing that you wrote was kept.
plain-closed = This site takes nothing at this time. Nothing was kept. The other ways are below.
plain-ways-h = Other ways
plain-way-scripts = The page with JavaScript: what you tell is locked on your device before it leaves.
plain-way-onion = With Tor Browser, at this address:
plain-way-person = In person: an organisation that you trust can do it with you, on their computer.
plain-before-h = Before you write
plain-open = Here you are not asked before it is opened: one of them can ask for it with a legal reason, and { $t } are needed to open it. Each request is noted down.
plain-no-choices = If you are afraid of one of these institutions, do not tell it here: on the page with JavaScript you can leave it out. There you can also ask that nothing be opened without your permission.
plain-nothing-kept = Nothing is kept until you press "Seal".
plain-begin = I understand, go on without JavaScript

## What she tells
plain-write-h1 = Tell it without JavaScript
plain-words = Write them down now, in order. With them you come back; if they are lost, nobody can give them to you.
plain-identity = Who you are and how to find you
plain-identity-hint = Name, how to look for you without putting you in danger, when not to, someone you trust. It is locked apart.
plain-back = To correct something, use the buttons of these pages and not the browser's back button: going back loses what you wrote and gives other words.
plain-check = Check

## Check
plain-words-same = Compare them with those that you wrote down. These are the ones that count.
plain-once = Sealing can take a minute. If the page does not come, you can send it again: with the same words it is not kept twice.

## Filed
plain-filed-before = It was kept already: this had been sealed with these words. It is the same receipt. If you changed something afterwards, that change was not kept: you can add it from your inbox.
plain-soon = It does not wait its turn: the institutions get their part within minutes. Nobody reads this at once.
plain-not-soon = There were many with danger through this page today, so it waits its turn: it can take a day. If there is danger now, call.
plain-next-words = Change your words soon: this server saw them. Open your inbox from a browser with JavaScript and choose to change words.
plain-promise-h = For whoever wants to check it
plain-promise = It is this server's signed promise that there will be a public record within 24 hours. You can copy and keep it. It does not say what you told or who you are.
plain-close = When you are done, close this tab. If you used a private window or Tor Browser, close all of it.

## What stands in the way
plain-empty = There is nothing written. Write something, even if it is little.
plain-too-much = It is more than fits: about 200 thousand letters. Make it shorter, or tell it in two parts. Nothing was kept.
plain-words-changed = The eight words did not arrive as we gave them to you. These are others: write them down and cross out the earlier ones. Nothing was kept.
plain-garbled = Some letters arrived damaged and now look like �. Correct them. Nothing was kept.
plain-busy = Many people are sealing at this moment. Nothing was kept. Try again in a minute.
plain-full = For now nothing more fits through this page without JavaScript. Nothing was kept this time. Try again in an hour, or use another way: the page with JavaScript is still open.
plain-council = It could not be checked who keeps the key today, so it was not sealed. Nothing was kept. Try later.
plain-failed = Something failed on our side. It is not your fault. It may not have been kept: send the same again, it is not kept twice.
plain-again = To send it again, press "Seal".
plain-stopped-h1 = It could not be done
plain-too-large = It is more than fits, so it was not read. Nothing was kept. Go back in the browser and make it shorter.
plain-unreadable = It did not arrive whole or cannot be read. Nothing was kept. Go back in the browser and send it again.
plain-no-room = Too many people are sending at this moment. Nothing was kept. Go back in the browser and send it again in a minute.
