// The page of the print service: /events tells the whole state whenever it changes; what is there is
// changed in place, so that nothing flickers and a form that is being filled in stays as it is.
"use strict";

const byId = (id) => document.getElementById(id);
let known = null; // the last state
let heardAt = 0; // performance.now() of it, for "last heard"

// Text from jobs and printers is only ever set as text, never as markup.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function make(tag, className, parent) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (parent) parent.append(node);
  return node;
}

function setState(node, state) {
  setText(node, state);
  node.dataset.state = state;
}

// Makes the children of `list` those of `items`, by key, in their order.
function arrange(list, items, key, create, update) {
  const old = new Map([...list.children].map((node) => [node.dataset.key, node]));
  let place = list.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let node = old.get(name);
    if (!node) {
      node = create(item);
      node.dataset.key = name;
    }
    old.delete(name);
    if (node === place) place = place.nextElementSibling;
    else list.insertBefore(node, place);
    update(node, item);
  }
  for (const node of old.values()) node.remove();
}

function createDevice() {
  const node = make("li", "device");
  const row = make("div", "row", node);
  make("span", "name", row);
  make("span", "state", row);
  make("span", "reasons", row);
  make("span", "push quiet heard", row);
  make("p", "quiet what", node);
  return node;
}

function updateDevice(node, device) {
  const part = (name) => node.querySelector("." + name);
  setText(part("name"), device.name || device["make-and-model"] || "printer");
  setState(part("state"), device.gone ? "gone" : device.state);
  setText(part("reasons"), device.reasons.join(", "));
  const doing = device["job-id"] ? `prints job ${device["job-id"]} · ` : "";
  setText(part("what"), `${doing}${device["make-and-model"]} · ${device.profile} · ${device.uuid}`);
  part("heard").dataset.seconds = device["seconds-since-heard"];
}

function createJob(job) {
  const node = make("li", "job");
  const row = make("div", "row", node);
  make("span", "name", row);
  make("span", "state", row);
  make("span", "reasons quiet", row);
  const cancel = make("button", "push cancel", row);
  cancel.type = "button";
  cancel.textContent = "Cancel";
  cancel.addEventListener("click", () => cancelJob(job.id, cancel));
  make("p", "quiet what", node);
  make("p", "message", node);
  make("progress", "", node).max = 1;
  make("div", "pages", node);
  return node;
}

function size(octets) {
  if (octets < 1024) return `${octets} bytes`;
  if (octets < 1024 * 1024) return `${(octets / 1024).toFixed(1)} kB`;
  return `${(octets / 1024 / 1024).toFixed(1)} MB`;
}

function updateJob(node, job) {
  const part = (name) => node.querySelector("." + name);
  setText(part("name"), `${job.id} · ${job.name}`);
  setState(part("state"), job.state);
  setText(part("reasons"), job.reasons.join(", "));
  setText(part("message"), job.message);
  const cancel = part("cancel");
  cancel.hidden = job.ended;
  if (job.canceling) cancel.disabled = true;
  const total = job.pages;
  const done = job["impressions-completed"];
  const count = total ? `${done} of ${total} ${total === 1 ? "page" : "pages"}` : `${done} ${done === 1 ? "page" : "pages"}`;
  const documents = job.documents.map((one) => `${one.format}, ${size(one.octets)}`).join(" + ");
  setText(part("what"), [job.user, documents, count].filter(Boolean).join(" · "));
  const bar = node.querySelector("progress");
  bar.hidden = job.ended || job.state === "pending";
  if (total) bar.value = Math.min(1, done / total);
  else bar.removeAttribute("value");
  const pages = part("pages");
  arrange(pages, job.pictures, (one) => one.url, createPicture, (link, one) => {
    link.classList.toggle("printed", one.page <= done);
  });
  pages.hidden = job.pictures.length === 0;
}

function createPicture(one) {
  const link = make("a");
  link.href = one.url;
  const image = make("img", "", link);
  image.loading = "lazy";
  image.alt = `page ${one.page}`;
  image.src = one.url;
  make("span", "", link).textContent = one.page;
  return link;
}

function show(state) {
  known = state;
  heardAt = performance.now();
  byId("offline").hidden = true;
  document.title = `${state.printer.name}: ${state.printer.state}`;
  setText(byId("printer-name"), state.printer.name);
  setState(byId("printer-state"), state.printer.state);
  const reasons = state.printer.reasons.join(", ");
  setText(byId("printer-message"), [reasons, state.printer.message].filter(Boolean).join(" · "));
  setText(byId("printer-uri"), state.printer.uri);
  setText(byId("formats"), state.printer.formats.join(", "));
  arrange(byId("devices"), state.devices, (one) => one.uuid, createDevice, updateDevice);
  arrange(byId("queue"), state.queue, (one) => one.id, createJob, updateJob);
  arrange(byId("ended"), state.ended, (one) => one.id, createJob, updateJob);
  for (const list of ["devices", "queue", "ended"]) byId("no-" + list).hidden = state[list].length > 0;
  tick();
}

function tick() {
  const passed = (performance.now() - heardAt) / 1000;
  for (const node of document.querySelectorAll(".heard")) {
    const seconds = Math.round(Number(node.dataset.seconds) + passed);
    setText(node, seconds < 2 ? "heard now" : `last heard ${seconds} s ago`);
  }
}

async function cancelJob(id, button) {
  button.disabled = true;
  try {
    const answer = await fetch(`/jobs/${id}/cancel`, { method: "POST" });
    if (!answer.ok) result(await answer.text(), true);
  } catch (error) {
    button.disabled = false;
    result(`Job ${id} could not be canceled: ${error.message}`, true);
  }
}

function result(text, failed) {
  const node = byId("submit-result");
  node.className = failed ? "error" : "";
  setText(node, text);
}

byId("submit").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  byId("send").disabled = true;
  result("Sending …", false);
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "text/plain" } });
    result(await answer.text(), !answer.ok);
    if (answer.ok) form.reset();
  } catch (error) {
    result(`The file could not be sent: ${error.message}`, true);
  } finally {
    byId("send").disabled = false;
  }
});

const events = new EventSource("/events");
events.onmessage = (event) => show(JSON.parse(event.data));
events.onerror = () => { byId("offline").hidden = false; };
setInterval(tick, 1000);
