/* Requests of the report's page. Each reads the token's cookie anew, because signing in again in another tab renews it. */

function token() {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  return cookie ? decodeURIComponent(cookie.slice(10)) : document.querySelector("[name=csrfmiddlewaretoken]").value;
}

const headers = () => ({ "X-CSRFToken": token(), "X-Requested-With": "fetch", Accept: "application/json" });

/* -> { status, data }; status 0 if nobody answered. */
export async function send(url, values, options = {}) {
  try {
    const response = await fetch(url, {
      method: "POST",
      body: new URLSearchParams(values),
      headers: headers(),
      credentials: "same-origin",
      redirect: "error",
      signal: AbortSignal.timeout(20000),
      ...options,
    });
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
    return { status: response.status, data: isJson ? await response.json() : null };
  } catch {
    return { status: 0, data: null };
  }
}

/* A file on its way, with the share that has gone. */
export function upload(url, values, onProgress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => onProgress(Math.round((100 * event.loaded) / event.total)));
    request.addEventListener("loadend", () => {
      let data = null;
      try {
        data = JSON.parse(request.responseText);
      } catch {
        /* no answer, or a page of the proxy */
      }
      resolve({ status: request.status, data });
    });
    const body = new FormData();
    for (const [name, value] of Object.entries(values)) body.append(name, value);
    request.send(body);
  });
}
