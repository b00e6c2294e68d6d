### What stands around the pages, and the pages for everybody. Same ids, attributes and variables as en.site.ftl.

demo-banner = Demostración: las llaves están en esta computadora. No escribas nada verdadero.

## The neutral content that the exit draws: a recipe, real text, no name of ours
neutral-h1 = Pozole rojo
neutral-1 = Caldo de maíz cacahuazintle con carne de cerdo y chile guajillo. Se sirve con lechuga, rábano, orégano, cebolla y tostadas.
neutral-2 = El maíz se pone a remojar una noche y se cuece hasta que revienta. La carne se agrega a la mitad, con ajo y cebolla.
neutral-3 = Los chiles se limpian, se remojan en agua caliente, se muelen y se cuelan sobre el caldo. Se deja hervir media hora más.

landing-closed = Ahora no se puede contar aquí. No es tu culpa ni tu teléfono. Vuelve más tarde.

## The landing, as far as the pages have come
landing-now-1 = Contar con texto, con fotos o con otros archivos.
landing-now-2 = Decir quién eres, si quieres. Eso se cierra aparte y hacen falta más instituciones para abrirlo.
landing-now-3 = Llevarte { -words } que solo tú tienes. Son la llave de tu buzón.

## Who keeps the key
keepers-place = Lugar: { $place }
keepers-controller = Quién puede darle órdenes: { $who }
keepers-concentrated = Cuidado: una misma autoridad manda sobre varias de estas instituciones. Ella sola podría juntar las partes que hacen falta.
keepers-readers-h = Pueden pedir abrirlo
keepers-readers = Estas instituciones no tienen ninguna parte de la llave. Pueden pedir que se abra, con una razón, y las otras deciden.
keepers-operator-h = Cuida la computadora
keepers-operator = { $who }. Guarda lo cerrado y no tiene ninguna parte de la llave.
keepers-name-h = El nombre de este grupo, en palabras
keepers-name = Llama a una de las instituciones y pide que te lea estas palabras. Si son las mismas y en el mismo orden, nadie cambió la lista.
keepers-none = Todavía no hay instituciones que guarden la llave. Por eso aquí no se puede contar nada aún.

## The gallery, for those who build the pages
gallery-h1 = Las piezas de estas páginas
gallery-lead = Cada pieza con un ejemplo. Solo la muestran las demostraciones.
gallery-buttons = Botones
gallery-notices = Avisos
gallery-fields = Campos
gallery-progress = Avance
gallery-lists = Listas
gallery-desk = Mesa y registro
