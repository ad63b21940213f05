// Answers each change of a trait in the kernel, so that what follows it there runs for a message
// of this page: JupyterLab shows what an Output captures only then.

function initialize({ model }) {
  model.on("change:seen", () => model.send({ do: "follow" }));
}

export default { initialize };
