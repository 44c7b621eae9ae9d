// Reads /openapi.json and lets one try every operation. Nothing comes from the network but this server's own answers,
// and every text is set as text, never as markup.
const words = {
  ko: {
    token: "토큰", find: "찾기", loading: "불러오는 중…", send: "보내기", parameters: "매개변수", body: "본문",
    answers: "응답", none: "맞는 경로가 없습니다.", failed: "설명을 불러오지 못했습니다.", other: "English",
    sending: "보내는 중…", unreachable: "서버에 닿지 못했습니다.",
  },
  en: {
    token: "Token", find: "Find", loading: "Loading…", send: "Send", parameters: "Parameters", body: "Body",
    answers: "Answers", none: "No path matches.", failed: "The description could not be loaded.", other: "한국어",
    sending: "Sending…", unreachable: "The server could not be reached.",
  },
};
const at = (id) => document.getElementById(id);
let language = sessionStorage.getItem("language") ?? (navigator.language.startsWith("ko") ? "ko" : "en");
let api;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function target(schema) {
  return schema?.$ref ? target(api.components.schemas[schema.$ref.split("/").pop()]) : schema ?? {};
}

// A value that the schema allows, to start from.
function example(schema, depth = 0) {
  const known = target(schema);
  if (known.const !== undefined) return known.const;
  if (known.enum) return known.enum[0];
  if (known.anyOf) return example(known.anyOf[0], depth);
  switch (known.type) {
    case "object": {
      const wanted = known.required ?? Object.keys(known.properties ?? {});
      const alternative = known.oneOf?.[0]?.required ?? [];
      const names = [...new Set([...wanted, ...alternative])].filter((name) => known.properties?.[name]);
      return Object.fromEntries(depth > 5 ? [] : names.map((name) => [name, example(known.properties[name], depth + 1)]));
    }
    case "array": return [example(known.items, depth + 1)];
    case "integer": case "number": return Math.max(known.minimum ?? 1, 1);
    case "boolean": return true;
    case "string":
      if (known.format === "uuid") return "00000000-0000-7000-8000-000000000000";
      if (known.format === "date-time") return new Date().toISOString();
      return "…";
    default: return null;
  }
}

function typeOf(schema) {
  const known = target(schema);
  if (known.anyOf) return known.anyOf.map(typeOf).join(" | ");
  if (known.enum) return known.enum.join(" | ");
  const range = known.minimum !== undefined && known.maximum !== undefined ? ` ${known.minimum}…${known.maximum}` : "";
  return (known.format ?? known.type ?? "any") + range;
}

function rows(operation) {
  return (operation.parameters ?? []).map((parameter) => {
    const input = element("input", { spellcheck: false, required: parameter.required });
    input.dataset.name = parameter.name;
    input.dataset.place = parameter.in;
    input.setAttribute("aria-label", parameter.name);
    return element("tr", {},
      element("td", {}, element("code", { textContent: parameter.name })), element("td", { textContent: parameter.in }),
      element("td", { textContent: typeOf(parameter.schema) }),
      element("td", { textContent: parameter.description ?? "" }), element("td", {}, input));
  });
}

async function send(method, path, form, output) {
  let place = path;
  const query = new URLSearchParams();
  const headers = { "Accept-Language": language };
  for (const input of form.querySelectorAll("input[data-name]")) {
    if (input.dataset.place === "path") place = place.replace(`{${input.dataset.name}}`, encodeURIComponent(input.value));
    else if (input.value && input.dataset.place === "query") query.set(input.dataset.name, input.value);
    else if (input.value) headers[input.dataset.name] = input.value;
  }
  if (at("token").value) headers.Authorization = `Bearer ${at("token").value}`;
  const body = form.querySelector("textarea")?.value;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  output.replaceChildren(element("p", { textContent: words[language].sending }));
  try {
    const answer = await fetch(query.size ? `${place}?${query}` : place, { method, headers, body });
    const text = await answer.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it came */ }
    const status = element("p", { className: answer.ok ? "good" : "bad", textContent: `${answer.status} ${answer.statusText}` });
    output.replaceChildren(status, element("pre", { textContent: shown }));
  } catch (error) {
    output.replaceChildren(element("p", { className: "bad", textContent: `${words[language].unreachable} ${error}` }));
  }
}

function inside(method, path, operation) {
  const text = words[language];
  const output = element("div");
  output.setAttribute("aria-live", "polite");
  const form = element("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(method, path, form, output);
  });
  const parameters = rows(operation);
  if (parameters.length) form.append(element("h3", { textContent: text.parameters }), element("table", {}, ...parameters));
  const body = operation.requestBody?.content["application/json"]?.schema;
  if (body) {
    const area = element("textarea", { spellcheck: false, value: JSON.stringify(example(body), null, 2) });
    area.setAttribute("aria-label", text.body);
    form.append(element("h3", { textContent: text.body }), area);
  }
  form.append(element("p", {}, element("button", { type: "submit", textContent: text.send })));
  const answers = Object.entries(operation.responses).map(([status, answer]) => element("tr", {},
    element("td", { textContent: status }), element("td", { textContent: answer.description }),
    element("td", { textContent: Object.keys(answer.content ?? {}).join(", ") })));
  return element("div", { className: "inside" }, form, output, element("h3", { textContent: text.answers }),
    element("table", {}, ...answers));
}

function card(method, path, operation) {
  const details = element("details", {},
    element("summary", {}, element("span", { className: "method", textContent: method }),
      element("span", { className: "path", textContent: path }), element("span", { textContent: operation.summary }),
      element("span", { className: "access", textContent: operation["x-access"] })));
  // What is inside is made when it is opened: there are many operations.
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(inside(method, path, operation));
  });
  return details;
}

function show() {
  document.documentElement.lang = language;
  for (const marked of document.querySelectorAll("[data-text]")) marked.textContent = words[language][marked.dataset.text];
  at("language").textContent = words[language].other;
  if (!api) return;
  at("title").textContent = `${api.info.title} ${api.info.version}`;
  at("introduction").textContent = api.info.description;
  const wanted = at("find").value.trim().toLowerCase();
  const chapters = new Map(api.tags.map((tag) => [tag.name, []]));
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (`${method} ${path} ${operation.summary}`.toLowerCase().includes(wanted)) {
        chapters.get(operation.tags[0])?.push(card(method.toUpperCase(), path, operation));
      }
    }
  }
  const parts = [...chapters].filter(([, cards]) => cards.length)
    .flatMap(([name, cards]) => [element("h2", { textContent: name }), ...cards]);
  at("operations").replaceChildren(...(parts.length ? parts : [element("p", { textContent: words[language].none })]));
}

at("token").value = sessionStorage.getItem("token") ?? "";
at("token").addEventListener("input", () => sessionStorage.setItem("token", at("token").value));
at("find").addEventListener("input", show);
at("language").addEventListener("click", () => {
  language = language === "ko" ? "en" : "ko";
  sessionStorage.setItem("language", language);
  show();
});
show();
fetch("/openapi.json").then((answer) => answer.json()).then((found) => {
  api = found;
  show();
}).catch((error) => {
  at("operations").replaceChildren(element("p", { className: "bad", textContent: `${words[language].failed} ${error}` }));
});
