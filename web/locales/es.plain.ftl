### The form for a browser without scripts, which the server seals (docs/protocol.md §14.4). Same ids, attributes and variables as en.plain.ftl.

## Its first page: no field
plain-h1 = Contarlo sin JavaScript
# Word for word as docs/protocol.md §14.4 has it.
plain-disclosure = Sin JavaScript, este servidor lee lo que escribes antes de sellarlo, y también ve tus ocho palabras. Si quien opera el servidor es deshonesto o está intervenido, puede guardarlo. Más seguro: activa JavaScript o ve en persona. Puedes empezar aquí solo para preguntar dónde hay ayuda.
plain-nowhere = Este sitio no ofrece la manera sin JavaScript: nada de lo que escribas se recibiría. Abajo están las otras maneras.
plain-onion = La manera sin JavaScript solo funciona en la dirección .onion de este sitio, con Tor Browser. Si la dirección que ves arriba no termina en .onion, usa la que está aquí abajo.
plain-not-here = En esta dirección no se recibe nada sin JavaScript. No se guardó nada de lo que escribiste.
plain-closed = Ahora mismo este sitio no recibe nada. No se guardó nada. Abajo están las otras maneras.
plain-ways-h = Otras maneras
plain-way-scripts = La página con JavaScript: lo que cuentas se cierra con llave en tu aparato, antes de salir.
plain-way-onion = Con Tor Browser, en esta dirección:
plain-way-person = En persona: una organización de confianza puede hacerlo contigo, en su computadora.
plain-before-h = Antes de escribir
plain-open = Aquí no te preguntan antes de abrirlo: una de ellas puede pedirlo con una razón legal, y se necesitan { $t } para abrirlo. Cada petición queda anotada.
plain-no-choices = Si le tienes miedo a alguna de estas instituciones, no lo cuentes por aquí: en la página con JavaScript puedes dejarla fuera. Ahí también puedes pedir que nada se abra sin tu permiso.
plain-nothing-kept = Nada se guarda hasta que aprietes “Sellar”.
plain-begin = Entiendo, seguir sin JavaScript

## What she tells
plain-write-h1 = Cuéntalo sin JavaScript
plain-words = Apúntalas ahora, en orden. Con ellas vuelves; si se pierden, nadie puede dártelas.
plain-identity = Quién eres y cómo encontrarte
plain-identity-hint = Nombre, cómo buscarte sin ponerte en peligro, cuándo no buscarte, alguien de confianza. Se cierra aparte.
plain-back = Para corregir algo, usa los botones de estas páginas y no el de volver del navegador: al volver se pierde lo escrito y salen otras palabras.
plain-check = Revisar

## Check
plain-words-same = Compáralas con las que apuntaste. Estas son las que valen.
plain-once = Sellar puede tardar un minuto. Si la página no llega, puedes mandarla otra vez: con las mismas palabras no se guarda dos veces.

## Filed
plain-filed-before = Ya estaba guardado: esto ya se había sellado con estas palabras. Es el mismo comprobante. Si después cambiaste algo, ese cambio no se guardó: puedes agregarlo desde tu buzón.
plain-soon = No espera su turno: las instituciones reciben su parte en minutos. Nadie lee esto al momento.
plain-not-soon = Hoy hubo muchos con peligro por esta página, así que espera su turno: puede tardar un día. Si hay peligro ahora, llama.
plain-next-words = Cambia tus palabras pronto: este servidor las vio. Entra a tu buzón desde un navegador con JavaScript y elige cambiar de palabras.
plain-promise-h = Para quien quiera comprobarlo
plain-promise = Es la promesa firmada de este servidor de que quedará constancia pública antes de 24 horas. Puedes copiarla y guardarla. No dice qué contaste ni quién eres.
plain-close = Cuando termines, cierra esta pestaña. Si usaste ventana privada o Tor Browser, ciérralo todo.

## What stands in the way
plain-empty = No hay nada escrito. Escribe algo, aunque sea poco.
plain-too-much = Es más de lo que cabe: unas 200 mil letras. Acórtalo, o cuéntalo en dos partes. No se guardó nada.
plain-words-changed = Las ocho palabras no llegaron como te las dimos. Estas son otras: apúntalas y tacha las anteriores. No se guardó nada.
plain-garbled = Algunas letras llegaron dañadas y ahora se ven como �. Corrígelas. No se guardó nada.
plain-busy = Hay muchas personas sellando en este momento. No se guardó nada. Intenta de nuevo en un minuto.
plain-full = Por ahora ya no cabe más por esta página sin JavaScript. No se guardó nada esta vez. Intenta en una hora, o usa otra manera: la página con JavaScript sigue abierta.
plain-council = No se pudo comprobar quiénes guardan la llave hoy, así que no se selló. No se guardó nada. Intenta más tarde.
plain-failed = Algo falló de nuestro lado. No es tu culpa. Puede que no se haya guardado: manda lo mismo otra vez, no se guarda dos veces.
plain-again = Para mandarlo otra vez, aprieta “Sellar”.
plain-stopped-h1 = No se pudo
plain-too-large = Es más de lo que cabe, así que no se leyó. No se guardó nada. Vuelve atrás en el navegador y acórtalo.
plain-unreadable = No llegó completo o no se puede leer. No se guardó nada. Vuelve atrás en el navegador y mándalo otra vez.
plain-no-room = Hay demasiadas personas mandando en este momento. No se guardó nada. Vuelve atrás en el navegador y mándalo otra vez en un minuto.
