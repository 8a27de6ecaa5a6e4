// The day as a resource timeline. Dragging asks the server first; nothing moves that the server has not judged.
(async () => {
  const box = document.getElementById("timeline");
  const said = document.getElementById("said");
  if (!box || !window.EventCalendar) return;
  const texts = box.dataset;

  function say(text, tone) {
    said.replaceChildren();
    if (!text) return;
    const note = document.createElement("div");
    note.className = `note ${tone}`;
    note.textContent = text;
    said.append(note);
  }

  async function send(event, person, dry) {
    const form = new URLSearchParams({ _csrf: texts.csrf, volunteer: person, old: event.id.includes(":") ? "" : event.id,
      start: localText(event.start), ...(dry ? { dry: "1" } : {}) });
    const answer = await fetch(texts.move.replace("SLOT", event.extendedProps.slot),
      { method: "POST", body: form, headers: { Accept: "application/json" } });
    if (answer.headers.get("content-type")?.includes("json")) return answer.json();
    return { done: false, gates: [`HTTP ${answer.status}`], warnings: [] };
  }

  function localText(moment) {
    const two = (n) => String(n).padStart(2, "0");
    return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
  }

  async function dropped(info) {
    const person = (info.newResource ?? { id: info.event.resourceIds[0] }).id;
    if (person === "nobody") { info.revert(); return say(texts.nobody, "warn"); }
    const verdict = await send(info.event, person, true);
    if (verdict.gates.length) { info.revert(); return say(`${texts.forbidden} ${verdict.gates.join(" · ")}`, "bad"); }
    if (verdict.warnings.length && !window.confirm(`${texts.warning}\n${verdict.warnings.join("\n")}\n\n${texts.anyway}`)) {
      info.revert(); return say(`${texts.warning} ${verdict.warnings.join(" · ")}`, "warn");
    }
    const outcome = await send(info.event, person, false);
    if (!outcome.done) { info.revert(); return say(`${texts.forbidden} ${outcome.gates.join(" · ")}`, "bad"); }
    say(texts.done, "good");
    await load();
  }

  let all = { resources: [], events: [] };
  let calendar = null;

  function shown() {
    const wish = document.getElementById("f-find").value.trim().toLowerCase();
    if (!wish) return all;
    const named = new Set(all.resources.filter((r) => r.title.toLowerCase().includes(wish)).map((r) => r.id));
    const events = all.events.filter((e) => named.has(e.resourceId) || e.title.toLowerCase().includes(wish));
    const used = new Set(events.map((e) => e.resourceId));
    return { resources: all.resources.filter((r) => used.has(r.id)), events };
  }

  function draw() {
    const { resources, events } = shown();
    const prepared = events.map(({ resourceId, ...event }) => ({ ...event, resourceIds: [resourceId] }));
    if (calendar) { calendar.setOption("resources", resources); calendar.setOption("events", prepared); return; }
    box.replaceChildren();
    calendar = EventCalendar.create(box, {
      view: "resourceTimelineDay", date: texts.day, locale: texts.language, headerToolbar: { start: "", center: "", end: "" },
      slotMinTime: "08:00", slotMaxTime: "21:00", slotDuration: "00:30", slotWidth: 46, height: "72vh", resources, events: prepared,
      editable: texts.editable === "yes", eventStartEditable: texts.editable === "yes", eventDurationEditable: false,
      snapDuration: "00:05", eventDrop: dropped,
      eventContent: (info) => ({ html: "", domNodes: [label(info)] }),
      eventClick: (info) => { window.location.href = info.event.extendedProps.link; },
      eventDidMount: (info) => {
        info.el.setAttribute("title", `${info.timeText ?? ""} ${info.event.title} (${info.event.extendedProps.state})`);
        info.el.setAttribute("tabindex", "0"); info.el.setAttribute("role", "link");
        info.el.addEventListener("keydown", (key) => { if (key.key === "Enter") window.location.href = info.event.extendedProps.link; });
      },
    });
  }

  function label(info) {
    const text = document.createElement("span");
    text.className = "bar-text";
    text.textContent = info.event.title;
    return text;
  }

  async function load() {
    const answer = await fetch(texts.events, { headers: { Accept: "application/json" } });
    all = await answer.json();
    draw();
  }

  // The calendar draws parts of an ARIA table that do not add up to one; a plain group reads better aloud.
  const ROLES = new Set(["table", "row", "rowgroup", "rowheader", "columnheader", "cell"]);
  const INDEXES = ["aria-colindex", "aria-rowindex", "aria-colcount", "aria-rowcount", "aria-colspan", "aria-rowspan"];
  new MutationObserver(() => {
    for (const part of box.querySelectorAll("[role]")) if (ROLES.has(part.getAttribute("role"))) part.removeAttribute("role");
    for (const name of INDEXES) for (const part of box.querySelectorAll(`[${name}]`)) part.removeAttribute(name);
  }).observe(box, { childList: true, subtree: true });

  document.getElementById("f-find").addEventListener("input", draw);
  await load();
})();
