// Whether the kernel answers. A kernel that dies answers nothing; its line may break and come back.

const LATE = 10000; // ms without an answer, after which the kernel counts as lost
const ENDED = ["dead", "terminating", "restarting", "autorestarting"]; // states of a kernel

// Calls `show(true)` when the kernel is lost, `show(false)` when it answers again, and `back()`
// when its line is there again.
function watchLine(model, show, back) {
  let waiting = null;
  const lost = (is) => { clearTimeout(waiting); show(is); };
  const kernel = model.widget_manager?.kernel;
  const onStatus = (_kernel, status) => ENDED.includes(status) && lost(true);
  const onLine = (_kernel, line) => line === "connected" ? back() : lost(true);
  const receive = (content) => content.do === "received" && lost(false);
  model.on("msg:custom", receive);
  kernel?.statusChanged?.connect(onStatus);
  kernel?.connectionStatusChanged?.connect(onLine);
  return {
    ask(what, buffers = []) { // a message that the kernel answers with "received"
      model.send(what, undefined, buffers);
      clearTimeout(waiting);
      waiting = setTimeout(() => lost(true), LATE);
    },
    end() {
      clearTimeout(waiting);
      model.off("msg:custom", receive);
      kernel?.statusChanged?.disconnect(onStatus);
      kernel?.connectionStatusChanged?.disconnect(onLine);
    },
  };
}
