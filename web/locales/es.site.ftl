### What stands around the pages, and the pages for everybody. Same ids, attributes and variables as en.site.ftl.

demo-banner = Demostración: las llaves están en esta computadora. No escribas nada verdadero.

## The neutral content that the exit draws: a recipe, real text, no name of ours
neutral-h1 = Pozole rojo
neutral-1 = Caldo de maíz cacahuazintle con carne de cerdo y chile guajillo. Se sirve con lechuga, rábano, orégano, cebolla y tostadas.
neutral-2 = El maíz se pone a remojar una noche y se cuece hasta que revienta. La carne se agrega a la mitad, con ajo y cebolla.
neutral-3 = Los chiles se limpian, se remojan en agua caliente, se muelen y se cuelan sobre el caldo. Se deja hervir media hora más.

landing-closed = Ahora no se puede contar aquí. No es tu culpa ni tu teléfono. Vuelve más tarde.
