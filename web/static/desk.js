// Small helpers of the staff pages; every page also works without them.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
document.addEventListener("submit", (event) => {
  const none = event.target.dataset.some;
  if (!none || document.querySelector(`input[name="chosen"][form="${event.target.id}"]:checked`)) return;
  event.preventDefault();
  window.alert(none);
});
document.addEventListener("change", (event) => {
  const all = event.target.dataset.all;
  if (all) for (const one of document.querySelectorAll(`input[name="chosen"][form="${all}"]`)) one.checked = event.target.checked;
});
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (form) form.requestSubmit();
});
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.menu[open]")) if (!open.contains(event.target)) open.open = false;
  if (event.target.closest("[data-print]")) window.print();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details.menu[open]")) { open.open = false; open.querySelector("summary").focus(); }
});

// The usual length and number of people of the chosen service stand in the empty fields.
document.addEventListener("change", (event) => {
  if (event.target.id !== "f-service_type") return;
  const chosen = event.target.selectedOptions[0].dataset;
  document.getElementById("f-heads").placeholder = chosen.heads || "";
  document.getElementById("f-minutes").placeholder = chosen.minutes || "";
});

// A form is sent once: a second press does nothing for ten seconds, or until the page is shown again.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "1";
  window.setTimeout(() => delete event.target.dataset.sent, 10000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
