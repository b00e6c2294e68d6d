### What stands around the pages, and the pages for everybody. Same ids, attributes and variables as es.site.ftl.

demo-banner = Demonstration: the keys are on this computer. Write nothing true here.

## The neutral content that the exit draws: a recipe, real text, no name of ours
neutral-h1 = Red pozole
neutral-1 = A broth of hominy with pork and guajillo chillies. It is served with lettuce, radish, oregano, onion and tostadas.
neutral-2 = The corn is soaked overnight and boiled until it bursts open. The meat goes in halfway, with garlic and onion.
neutral-3 = The chillies are cleaned, soaked in hot water, ground and strained over the broth. It boils for another half hour.

landing-closed = Nothing can be told here right now. It is not your fault, nor your phone's. Come back later.
