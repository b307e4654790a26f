// Two comforts; every page works without them: a submission that follows itself, and an upload that shows its progress.

const SOON_MS = 700;
const LATER_MS = 3000;
const EAGER_LOOKS = 60;

// A submission's page carries the addresses of its events and of its JSON twin. When they tell of something new, the
// page is fetched and its parts renewed.
function listen() {
  const part = document.querySelector("[data-events]");
  if (!part) return;
  const source = new EventSource(part.dataset.events);
  source.addEventListener("state", async ({ data }) => {
    if (tells(JSON.parse(data))) await renew();
    if (!document.querySelector("[data-live]")) source.close();
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) follow(); // refused: too many pages follow already
  });
}

function tells({ state, queue_position: position }) {
  const shown = document.querySelector("[data-live]");
  return shown && (state !== shown.dataset.state || String(position ?? "") !== shown.dataset.position);
}

async function follow(looks = 0) {
  const part = document.querySelector("[data-live]");
  if (!part) return;
  const pause = looks < EAGER_LOOKS ? SOON_MS : LATER_MS;
  await new Promise((resolve) => setTimeout(resolve, document.hidden ? LATER_MS : pause));
  try {
    const answer = await fetch(part.dataset.live, { headers: { Accept: "application/json" } });
    if (answer.ok && tells(await answer.json())) await renew();
  } catch {
    // The server is away for a moment: the next look will tell.
  }
  follow(looks + 1);
}

async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-part]")) {
    const twin = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!twin) continue;
    if (part.hasAttribute("role")) part.textContent = twin.textContent; // a live region stays the same element
    else part.replaceWith(twin);
  }
  document.title = fresh.title;
}

// The form is sent as the browser would, but with progress; whatever comes back is a page of this site.
function watch(form) {
  const progress = form.querySelector("[data-progress]");
  const bar = progress.querySelector("progress");
  const said = progress.querySelector("[role=status]");
  const button = form.querySelector("#send");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
      if (!lengthComputable) return;
      const percent = Math.floor((100 * loaded) / total);
      bar.value = percent;
      const text = percent < 100 ? `${percent - (percent % 10)} % sent` : "Sent; the server is storing the file.";
      if (said.textContent !== text) said.textContent = text;
    });
    request.addEventListener("load", () => {
      if (request.status < 300) location.assign(request.responseURL);
      else refuse(request.responseText);
    });
    request.addEventListener("error", () => stop("The connection broke. Nothing is lost: press Submit again."));
    button.disabled = true;
    progress.hidden = bar.hidden = false;
    bar.value = 0;
    request.send(new FormData(form));
  });

  function stop(text) {
    button.disabled = false;
    bar.hidden = true;
    said.textContent = text;
  }

  // The chosen file stays chosen: the message, the key, whom it is for and what is asked beside it are renewed.
  function refuse(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const problem = page.querySelector("#problem") ?? page.querySelector("#content .frame");
    document.querySelector("#problem").innerHTML = problem.innerHTML;
    for (const part of document.querySelectorAll("#whom, #again, #terms")) {
      const twin = page.querySelector(`#${part.id}`);
      if (twin) part.innerHTML = twin.innerHTML;
    }
    const fresh = page.querySelector("#upload");
    if (fresh) {
      form.action = fresh.getAttribute("action");
      form.elements.method.ariaInvalid = fresh.elements.method.ariaInvalid;
    }
    stop("");
    document.querySelector("#problem").scrollIntoView({ block: "center" });
  }
}

listen();
document.querySelectorAll("form[data-upload]").forEach(watch);
