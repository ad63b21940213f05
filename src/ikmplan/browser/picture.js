// One picture of a plan as an output of its own: HTML that the kernel makes (report/pictures.py).

function render({ model, el }) {
  el.classList.add("ikmplan-page", "ikmplan-picture");
  const box = document.createElement("div");
  el.append(box);
  const fill = () => {
    box.lang = model.get("lang");
    box.className = model.get("older") ? "results older" : "results";
    if (box.innerHTML !== model.get("html")) box.innerHTML = model.get("html");
  };
  const names = ["lang", "older", "html"].map((name) => `change:${name}`);
  for (const name of names) model.on(name, fill);
  fill();
  return () => names.forEach((name) => model.off(name, fill));
}

export default { render };
