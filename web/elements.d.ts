// Elements that scripts find by id and that are more than an `HTMLElement`; a test lays them beside the pages.

interface Elements {
  account: HTMLTextAreaElement;
  "act-text": HTMLTextAreaElement;
  "act-yes": HTMLButtonElement;
  "add-bar": HTMLProgressElement;
  "add-seal": HTMLButtonElement;
  "add-text": HTMLTextAreaElement;
  "ask-after": HTMLInputElement;
  bar: HTMLProgressElement;
  "check-identity-cover": HTMLDetailsElement;
  "confirm-word": HTMLInputElement;
  "copies-only": HTMLInputElement;
  decoy: HTMLInputElement;
  "desk-dialog": HTMLDialogElement;
  "desk-dialog-form": HTMLFormElement;
  "desk-file": HTMLInputElement;
  "desk-files": HTMLInputElement;
  "desk-files-part": HTMLDetailsElement;
  "desk-filter": HTMLInputElement;
  "desk-key-form": HTMLFormElement;
  "desk-keys": HTMLDetailsElement;
  "desk-open": HTMLButtonElement;
  "desk-pass": HTMLInputElement;
  "desk-pass-show": HTMLInputElement;
  "desk-measures": HTMLTemplateElement;
  "desk-words": HTMLTemplateElement;
  "evidence-next": HTMLButtonElement;
  exit: HTMLAnchorElement;
  "exit-neutral": HTMLTemplateElement;
  "file-row": HTMLTemplateElement;
  files: HTMLInputElement;
  form: HTMLFormElement;
  "identity-give": HTMLInputElement;
  language: HTMLInputElement;
  "later-save": HTMLButtonElement;
  month: HTMLSelectElement;
  name: HTMLInputElement;
  "not-safe": HTMLTextAreaElement;
  "question-draw": HTMLButtonElement;
  reach: HTMLTextAreaElement;
  "sent-bar": HTMLProgressElement;
  trusted: HTMLTextAreaElement;
  "who-leave": HTMLFieldSetElement;
}
