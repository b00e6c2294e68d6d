### What stands around the pages, and the pages for everybody. Same ids, attributes and variables as es.site.ftl.

demo-banner = Demonstration: the keys are on this computer. Write nothing true here.

## The neutral content that the exit draws: a recipe, real text, no name of ours
neutral-h1 = Red pozole
neutral-1 = A broth of hominy with pork and guajillo chillies. It is served with lettuce, radish, oregano, onion and tostadas.
neutral-2 = The corn is soaked overnight and boiled until it bursts open. The meat goes in halfway, with garlic and onion.
neutral-3 = The chillies are cleaned, soaked in hot water, ground and strained over the broth. It boils for another half hour.

landing-closed = Nothing can be told here right now. It is not your fault, nor your phone's. Come back later.

## The landing, as far as the pages have come
landing-now-1 = Tell it with text, photos or other files.
landing-now-2 = Say who you are, if you want. That is locked apart and takes more institutions to open.
landing-now-3 = Take { -words } with you that only you have. They are the key to your inbox.

## Who keeps the key
keepers-place = Place: { $place }
keepers-controller = Who can give it orders: { $who }
keepers-concentrated = Careful: one authority is above several of these institutions. By itself it could gather the parts that are needed.
keepers-readers-h = They can ask to open it
keepers-readers = These institutions have no part of the key. They can ask for it to be opened, with a reason, and the others decide.
keepers-operator-h = Looks after the computer
keepers-operator = { $who }. It keeps what is locked and has no part of the key.
keepers-name-h = This group's name, in words
keepers-name = Call one of the institutions and ask them to read these words to you. If they are the same, in the same order, nobody changed the list.
keepers-none = There are no institutions yet that keep the key. So nothing can be told here for now.

## The gallery, for those who build the pages
gallery-h1 = The pieces of these pages
gallery-lead = Each piece with an example. Only demonstrations show it.
gallery-buttons = Buttons
gallery-notices = Notices
gallery-fields = Fields
gallery-progress = Progress
gallery-lists = Lists
gallery-desk = Desk and record
