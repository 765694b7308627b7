"use strict";

// Draws the OpenAPI document. Everything goes into the page as text, never as markup.
(() => {
  const METHODS = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];
  const byId = (id) => document.getElementById(id);

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value != null && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat(Infinity).filter((child) => child != null && child !== ""));
    return node;
  }

  // What stands between backticks is code.
  function prose(text) {
    return String(text || "").split("`").map((part, index, all) => {
      if (index % 2 === 0) return part;
      return index === all.length - 1 ? "`" + part : el("code", {}, part);
    });
  }

  const anchor = (text) => String(text).replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^-|-$/g, "");

  function resolve(api, value) {
    let seen = 0;
    while (value && typeof value.$ref === "string" && value.$ref.startsWith("#/") && seen++ < 20) {
      value = value.$ref.slice(2).split("/").reduce(
        (at, key) => at && at[key.replace(/~1/g, "/").replace(/~0/g, "~")], api);
    }
    return value || {};
  }

  const nameOf = (schema) => (schema && schema.$ref ? schema.$ref.split("/").pop() : null);

  // A schema in a few words, with links to the schemas it names.
  function typeOf(schema, depth = 0) {
    if (schema === true || !schema || depth > 6) return ["anything"];
    const name = nameOf(schema);
    if (name) return [el("a", { href: "#schema-" + anchor(name) }, name)];
    for (const [key, word] of [["oneOf", " or "], ["anyOf", " or "], ["allOf", " and "]]) {
      if (Array.isArray(schema[key])) {
        return schema[key].flatMap((part, index) => (index ? [word] : []).concat(typeOf(part, depth + 1)));
      }
    }
    if (schema.const !== undefined) return [el("code", {}, JSON.stringify(schema.const))];
    const types = [].concat(schema.type || (schema.properties ? "object" : schema.enum ? "string" : "anything"));
    return types.flatMap((type, index) => {
      const words = index ? [" or "] : [];
      if (type === "array") return words.concat("array of ", typeOf(schema.items, depth + 1));
      if (type === "object" && schema.additionalProperties && typeof schema.additionalProperties === "object") {
        return words.concat("map of ", typeOf(schema.additionalProperties, depth + 1));
      }
      return words.concat(schema.format && type !== "null" ? type + " (" + schema.format + ")" : String(type));
    });
  }

  function factsOf(schema) {
    const facts = [];
    const add = (words, value) => value !== undefined && facts.push([words, el("code", {}, JSON.stringify(value))]);
    if (Array.isArray(schema.enum)) {
      facts.push(["one of ", ...schema.enum.flatMap((it, i) => [i ? ", " : "", el("code", {}, JSON.stringify(it))])]);
    }
    add("at least ", schema.minimum);
    add("at most ", schema.maximum);
    add("more than ", schema.exclusiveMinimum);
    add("less than ", schema.exclusiveMaximum);
    add("length from ", schema.minLength);
    add("length to ", schema.maxLength);
    add("items from ", schema.minItems);
    add("items to ", schema.maxItems);
    add("pattern ", schema.pattern);
    add("default ", schema.default);
    add("example ", schema.example !== undefined ? schema.example : (schema.examples || [])[0]);
    return facts.length ? el("div", { class: "facts" }, facts.flatMap((fact, i) => [i ? "; " : "", fact])) : null;
  }

  function table(heads, rows) {
    return el("div", { class: "wide" }, el("table", {},
      el("thead", {}, el("tr", {}, heads.map((head) => el("th", {}, head)))),
      el("tbody", {}, rows)));
  }

  // Own properties, and those of the parts it is made of.
  function propertiesOf(api, schema, depth = 0) {
    const own = resolve(api, schema);
    const parts = depth > 6 ? [] : (own.allOf || []).flatMap((part) => propertiesOf(api, part, depth + 1));
    const required = new Set(own.required || []);
    return parts.concat(Object.entries(own.properties || {}).map(([name, value]) => (
      { name, value, required: required.has(name) })));
  }

  function properties(api, schema) {
    const rows = propertiesOf(api, schema).map(({ name, value, required }) => el("tr", {},
      el("td", {}, el("code", { class: required ? "required" : null }, name)),
      el("td", {}, typeOf(value)),
      el("td", {}, prose(value.description), factsOf(value))));
    return rows.length ? table(["Field", "Type", "Meaning"], rows) : null;
  }

  // A body: its media types, and the fields of the first level.
  function bodyOf(api, content) {
    return Object.entries(content || {}).map(([media, { schema }]) => {
      const problem = media === "application/problem+json";
      const items = schema && schema.type === "array" ? schema.items : schema;
      return el("div", {},
        el("p", { class: "facts" }, el("code", {}, media), " ", schema ? typeOf(schema) : []),
        schema && !problem ? properties(api, items) : null);
    });
  }

  function parametersOf(api, shared, operation) {
    const all = [...(shared || []), ...(operation.parameters || [])].map((it) => resolve(api, it));
    if (!all.length) return null;
    return [el("h3", {}, "Parameters"), table(["Name", "In", "Type", "Meaning"], all.map((it) => el("tr", {},
      el("td", {}, el("code", { class: it.required ? "required" : null }, it.name)),
      el("td", {}, it.in),
      el("td", {}, typeOf(it.schema)),
      el("td", {}, prose(it.description), it.schema ? factsOf(it.schema) : null))))];
  }

  function codesOf(holder) {
    const codes = [].concat(holder["x-problems"] || []).map((it) => (typeof it === "string" ? it : it.code));
    if (!codes.length) return null;
    return el("p", { class: "facts" }, "Codes: ", codes.flatMap((code, i) => (
      [i ? ", " : "", el("a", { href: "#problem-" + code }, el("code", {}, code))])));
  }

  function responsesOf(api, operation) {
    const responses = Object.entries(operation.responses || {}).sort(([a], [b]) => a.localeCompare(b));
    return [el("h3", {}, "Responses"), responses.map(([status, it]) => {
      const response = resolve(api, it);
      const headers = Object.entries(response.headers || {}).map(([name]) => el("code", {}, name));
      return el("div", { class: "response" },
        el("span", { class: "status" }, status), prose(response.description),
        codesOf(response),
        headers.length ? el("p", { class: "facts" }, "Headers: ", headers) : null,
        bodyOf(api, response.content));
    })];
  }

  function needsSignIn(api, operation) {
    const ways = operation.security || api.security || [];
    return ways.length > 0 && !ways.some((way) => Object.keys(way).length === 0);
  }

  function operationView(api, { path, method, item, operation }) {
    const request = operation.requestBody ? resolve(api, operation.requestBody) : null;
    const id = "op-" + anchor(method + path);
    const view = el("details", { class: "operation", id },
      el("summary", {},
        el("span", { class: "method " + method }, method.toUpperCase()),
        el("span", { class: "path" }, path),
        el("span", { class: "summary" }, prose(operation.summary)),
        needsSignIn(api, operation) ? el("span", { class: "lock" }, "signed in") : null),
      el("div", { class: "body" },
        operation.description ? el("p", {}, prose(operation.description)) : null,
        codesOf(operation),
        parametersOf(api, item.parameters, operation),
        request ? [el("h3", {}, "Body" + (request.required ? "" : ", optional")),
          request.description ? el("p", {}, prose(request.description)) : null,
          bodyOf(api, request.content)] : null,
        responsesOf(api, operation),
        el("p", { class: "facts" }, el("a", { href: "#" + id }, "Link to this route"))));
    view.dataset.words = [method, path, operation.summary, operation.description].join(" ").toLowerCase();
    return view;
  }

  function drawOperations(api) {
    const groups = new Map((api.tags || []).map((tag) => [tag.name, { about: tag.description, views: [] }]));
    for (const [path, item] of Object.entries(api.paths || {})) {
      for (const method of METHODS) {
        const operation = item[method];
        if (!operation) continue;
        for (const tag of operation.tags && operation.tags.length ? operation.tags.slice(0, 1) : ["other"]) {
          if (!groups.has(tag)) groups.set(tag, { about: "", views: [] });
          groups.get(tag).views.push(operationView(api, { path, method, item, operation }));
        }
      }
    }
    for (const [tag, { about, views }] of groups) {
      if (!views.length) continue;
      const id = "tag-" + anchor(tag);
      byId("operations").append(el("section", { id }, el("h2", {}, tag), about ? el("p", {}, prose(about)) : null, views));
      toc(id, tag, views.length);
    }
  }

  function drawSchemas(api) {
    const schemas = Object.entries((api.components || {}).schemas || {});
    if (!schemas.length) return;
    byId("schemas").append(...schemas.map(([name, schema]) => el("details",
      { class: "schema", id: "schema-" + anchor(name) },
      el("summary", {}, el("strong", {}, name), el("span", { class: "summary" }, nameOf(schema) || typeOf(schema))),
      el("div", { class: "body" },
        schema.description ? el("p", {}, prose(schema.description)) : null, factsOf(schema), properties(api, schema)))));
    byId("schemas").hidden = false;
    toc("schemas", "Schemas");
  }

  // Problems that the document knows: every `x-problems`, wherever it stands, and examples of
  // problem documents. A bare code is enough, `{code, status, title, detail}` is better.
  function problemsIn(api) {
    const found = new Map();
    const add = (problem, status) => {
      const it = typeof problem === "string" ? { code: problem } : problem;
      if (!it || typeof it.code !== "string") return;
      found.set(it.code, { status, ...found.get(it.code), ...it });
    };
    const take = (value, status) => {
      if (Array.isArray(value)) value.forEach((it) => add(it, status));
      else if (value && typeof value === "object") {
        for (const [key, it] of Object.entries(value)) {
          if (Array.isArray(it)) take(it, status);
          else add(typeof it === "object" ? { code: key, ...it } : { code: key, title: String(it) }, status);
        }
      }
    };
    const walk = (value, status, depth) => {
      if (!value || typeof value !== "object" || depth > 40) return;
      for (const [key, it] of Object.entries(value)) {
        if (key === "x-problems") take(it, status);
        else if (key === "application/problem+json" && it) {
          const examples = [it.example, ...Object.values(it.examples || {}).map((example) => example.value)];
          examples.forEach((example) => example && example.code && add(example, status));
        } else walk(it, /^[45]\d\d$/.test(key) ? Number(key) : status, depth + 1);
      }
    };
    walk(api, undefined, 0);
    return [...found.values()];
  }

  function drawProblems(api) {
    const rows = byId("problem-rows");
    for (const { code, status, title, detail } of problemsIn(api)) {
      const id = "problem-" + code;
      if (byId(id)) continue;
      rows.append(el("tr", { id },
        el("td", {}, el("a", { href: "#" + id }, el("code", {}, code))),
        el("td", {}, status === undefined ? "" : String(status)),
        el("td", {}, title ? el("strong", {}, title + ". ") : null, prose(detail))));
    }
    toc("problems", "Error codes");
  }

  function toc(id, text, count) {
    byId("toc").append(el("li", {}, el("a", { href: "#" + id }, text), count ? el("small", {}, " " + count) : null));
  }

  function filter() {
    const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const section of byId("operations").children) {
      let shown = 0;
      for (const view of section.querySelectorAll(".operation")) {
        view.hidden = !words.every((word) => view.dataset.words.includes(word));
        shown += view.hidden ? 0 : 1;
      }
      section.hidden = shown === 0;
    }
  }

  // The address may name something that was drawn only now, or that is folded.
  function visit() {
    const target = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.tagName === "DETAILS") target.open = true;
    target.scrollIntoView();
  }

  function state(text) {
    byId("state").textContent = text;
    byId("state").hidden = !text;
  }

  async function draw() {
    byId("contents").open = window.matchMedia("(min-width: 52.01rem)").matches;
    state("Reading the document …");
    try {
      const answer = await fetch("/openapi.json");
      if (!answer.ok) throw new Error("status " + answer.status);
      const api = await answer.json();
      byId("version").textContent = (api.info || {}).version || "";
      byId("description").textContent = (api.info || {}).description || "";
      drawOperations(api);
      drawSchemas(api);
      drawProblems(api);
      state(Object.keys(api.paths || {}).length ? "" : "The document names no routes yet.");
      byId("filter").addEventListener("input", filter);
      // Browsers keep what was typed when a page is read again.
      filter();
      visit();
      window.addEventListener("hashchange", visit);
    } catch (error) {
      state("The document could not be read (" + error.message + "). Reload the page to try again.");
    }
  }

  draw();
})();
