
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const TEXT = {
    en: {
      title: "Permission sets of the merchants", filters: "Search and filter", search: "Name or appid",
      kind: "Kind of account", status: "Authorization", set: "Permission set", state: "State", clear: "Clear",
      all: "all", any: "any set", none: "No account passes these filters.", account: "Account", of: "of",
      accounts: "accounts", close: "Close", other: "中文", granted: "granted", uncertain: "not certain",
      exclusive: "one platform only", nameless: "name not known", unknown: "not in the catalogue", made: "as of", sort: "sort by",
      states: { g: "granted", m: "missing", h: "probably held by another platform", n: "not configured on the platform", u: "unknown" },
      kinds: { official_account: "official account", mini_program: "mini program", channels: "channels", store: "store", other: "other", unknown: "unknown" },
      statuses: { active: "active", pending_exchange: "pending exchange", revoked: "revoked" },
    },
    zh: {
      title: "商家授权的权限集", filters: "搜索与筛选", search: "名称或 appid",
      kind: "账号类型", status: "授权状态", set: "权限集", state: "状态", clear: "清除",
      all: "全部", any: "任一权限集", none: "没有符合筛选条件的账号。", account: "账号", of: "/",
      accounts: "个账号", close: "关闭", other: "English", granted: "已授权", uncertain: "资料存疑",
      exclusive: "互斥，仅限一个平台", nameless: "名称未知", unknown: "不在目录中", made: "截至", sort: "排序：",
      states: { g: "已授权", m: "未授权", h: "可能已授权给其他平台", n: "平台未配置", u: "未知" },
      kinds: { official_account: "公众号", mini_program: "小程序", channels: "视频号", store: "微信小店", other: "其他", unknown: "未知" },
      statuses: { active: "有效", pending_exchange: "待换取", revoked: "已解除" },
    },
  };
  const STATES = { g: "✓", m: "✗", h: "!", n: "○", u: "?" };
  const ORDER = "mhnug-";
  const [APPID, NAME, KIND, STATUS, MARKS] = [0, 1, 2, 3, 4];
  const at = (id) => document.getElementById(id);
  const [scroller, head, body] = [at("scroller"), document.querySelector("thead"), document.querySelector("tbody")];
  const collator = new Intl.Collator(["zh-Hans", "en"], { numeric: true });
  const folded = data.rows.map((row) => `${row[NAME]}\n${row[APPID]}`.toLowerCase());
  let lang = data.lang, text = TEXT[lang];
  let shown = [], columns = [], sort = { by: "kind", down: false }, active = 0, activeTitle = 0, drawn = "";

  // Text is only ever set as text: names come from strangers.
  const make = (tag, className, content) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (content !== undefined) element.textContent = content;
    return element;
  };
  const names = (set) => (lang === "zh" ? [set.zh, set.en] : [set.en, set.zh]).filter(Boolean);
  const title = (set) => names(set)[0] || (set.known ? text.nameless : text.unknown);
  const doubts = (set) => [set.exclusive && text.exclusive, set.uncertain && text.uncertain].filter(Boolean);
  const whole = (set) => [`${set.id} ${names(set).join(" · ") || title(set)}`, ...doubts(set)].join(" — ");

  const short = (count) => (count < 10000 ? String(count) : `${Math.floor(count / 1000)}k`);

  function options(select, entries) {
    const before = select.value;
    select.replaceChildren(...entries.map(([value, label]) => {
      const option = make("option", "", label);
      option.value = value;
      return option;
    }));
    select.value = before;
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  }

  function speak() {
    text = TEXT[lang];
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    for (const element of document.querySelectorAll("[data-text]")) element.textContent = text[element.dataset.text];
    at("platform").textContent = `${data.platform} · ${text.made} ${new Date(data.made).toLocaleString(lang === "zh" ? "zh-CN" : "en-GB")}`;
    at("language").textContent = text.other;
    const used = (index) => [...new Set(data.rows.map((row) => row[index]))];
    options(at("kind"), [["", text.all], ...data.kinds.filter((_, i) => used(KIND).includes(i)).map((kind) => [kind, text.kinds[kind]])]);
    options(at("status"), [["", text.all], ...data.statuses.filter((_, i) => used(STATUS).includes(i)).map((status) => [status, text.statuses[status]])]);
    options(at("set"), [["", text.any], ...data.sets.map((set) => [String(set.id), `${set.id} ${title(set)}`])]);
    options(at("state"), [["", text.all], ...Object.keys(STATES).map((state) => [state, `${STATES[state]} ${text.states[state]}`])]);
    at("key").replaceChildren(...Object.keys(STATES).map((state) => {
      const item = make("li");
      item.append(make("span", `mark ${state}`, STATES[state]), ` ${text.states[state]}`);
      return item;
    }));
  }

  function choose() {
    const needle = at("search").value.trim().toLowerCase();
    const kind = data.kinds.indexOf(at("kind").value), status = data.statuses.indexOf(at("status").value);
    const set = data.sets.findIndex((one) => String(one.id) === at("set").value), state = at("state").value;
    shown = [];
    data.rows.forEach((row, index) => {
      const marks = row[MARKS];
      const fits = (kind < 0 || row[KIND] === kind) && (status < 0 || row[STATUS] === status)
        && (!needle || folded[index].includes(needle))
        && (set < 0 ? !state || marks.includes(state) : state ? marks[set] === state : marks[set] !== "-");
      if (fits) shown.push(index);
    });
    const relevant = new Array(data.sets.length).fill(!shown.length), granted = new Array(data.sets.length).fill(0);
    for (const index of shown) {
      const marks = data.rows[index][MARKS];
      for (let i = 0; i < marks.length; i++) {
        if (marks[i] !== "-") relevant[i] = true;
        if (marks[i] === "g") granted[i]++;
      }
    }
    columns = data.sets.map((_, i) => i).filter((i) => relevant[i] && i !== set);
    // The chosen set stands first, where it is seen without scrolling.
    if (set >= 0) columns.unshift(set);
    order();
    titles(granted, set);
    const total = data.rows.length;
    at("count").textContent = `${shown.length.toLocaleString()} ${text.of} ${total.toLocaleString()} ${text.accounts}`;
    at("none").hidden = shown.length > 0;
    active = 0;
    scroller.scrollTop = 0;
    draw(true);
  }

  function order() {
    const { by, down } = sort, rows = data.rows;
    const ties = (a, b) => (rows[a][APPID] < rows[b][APPID] ? -1 : 1);
    const compare = {
      name: (a, b) => collator.compare(rows[a][NAME], rows[b][NAME]) || ties(a, b),
      appid: ties,
      kind: (a, b) => rows[a][KIND] - rows[b][KIND] || ties(a, b),
      status: (a, b) => rows[a][STATUS] - rows[b][STATUS] || ties(a, b),
    }[by] || ((a, b) => ORDER.indexOf(rows[a][MARKS][by]) - ORDER.indexOf(rows[b][MARKS][by]) || ties(a, b));
    shown.sort(down ? (a, b) => compare(b, a) : compare);
  }

  function titles(granted, chosen) {
    const line = make("tr");
    const heading = (by, className, fill) => {
      const cell = make("th", className), button = make("button");
      cell.scope = "col";
      button.type = "button";
      button.dataset.by = by;
      if (String(sort.by) === String(by)) cell.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
      fill(button);
      if (String(sort.by) === String(by)) button.append(make("span", "arrow", sort.down ? " ▼" : " ▲"));
      cell.append(button);
      line.append(cell);
    };
    heading("name", "name", (button) => button.append(text.account));
    heading("kind", "word", (button) => button.append(text.kind));
    heading("status", "word", (button) => button.append(text.status));
    for (const column of columns) {
      const set = data.sets[column];
      heading(column, column === chosen ? "set chosen" : "set", (button) => {
        button.title = whole(set);
        button.setAttribute("aria-label", `${text.sort} ${whole(set)}; ${text.granted}: ${granted[column]}`);
        button.append(make("span", "title", title(set)), make("strong", "", `${set.id}${set.uncertain ? "?" : ""}`),
          make("span", "total", `✓${short(granted[column])}`));
      });
    }
    const focused = head.contains(document.activeElement);
    head.replaceChildren(line);
    const buttons = [...head.querySelectorAll("button")];
    activeTitle = Math.min(activeTitle, buttons.length - 1);
    buttons.forEach((button, index) => { button.tabIndex = index === activeTitle ? 0 : -1; });
    if (focused) buttons[activeTitle].focus();
  }

  const height = () => parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row"));

  // Only the rows in sight exist; two empty ones hold the place of the others.
  function draw(anew) {
    const row = height(), room = Math.ceil(scroller.clientHeight / row);
    const first = Math.max(0, Math.min(shown.length - 1, Math.floor(scroller.scrollTop / row)) - 6);
    const last = Math.min(shown.length, first + room + 12);
    const extent = `${first} ${last}`;
    if (!anew && extent === drawn) return;
    drawn = extent;
    const focused = body.contains(document.activeElement);
    const lines = [space(first * row)];
    for (let index = first; index < last; index++) lines.push(line(index));
    lines.push(space((shown.length - last) * row));
    body.replaceChildren(...lines);
    document.querySelector("table").setAttribute("aria-rowcount", String(shown.length + 1));
    const buttons = [...body.querySelectorAll("button")];
    const current = buttons.find((button) => Number(button.dataset.index) === active);
    for (const button of buttons) button.tabIndex = -1;
    const entry = current || buttons[Math.min(6, buttons.length - 1)];
    if (entry) entry.tabIndex = 0;
    if (focused && current) current.focus({ preventScroll: true });
  }

  function space(pixels) {
    const line = make("tr", "space"), cell = make("td");
    line.setAttribute("aria-hidden", "true");
    cell.style.height = `${pixels}px`;
    cell.colSpan = columns.length + 3;
    line.append(cell);
    return line;
  }

  function line(index) {
    const row = data.rows[shown[index]], element = make("tr"), name = make("th", "name"), button = make("button");
    element.setAttribute("aria-rowindex", String(index + 2));
    name.scope = "row";
    button.type = "button";
    button.dataset.index = String(index);
    button.append(make("span", "who", row[NAME] || "—"), make("span", "appid", row[APPID]));
    button.title = row[NAME];
    name.append(button);
    element.append(name, make("td", "word", text.kinds[data.kinds[row[KIND]]]),
      make("td", "word", text.statuses[data.statuses[row[STATUS]]]));
    for (const column of columns) {
      const state = row[MARKS][column];
      const cell = make("td", state === "-" ? "state" : `state ${state}`, STATES[state] || "");
      if (state !== "-") {
        cell.setAttribute("aria-label", text.states[state]);
        cell.title = `${data.sets[column].id} ${title(data.sets[column])}: ${text.states[state]}`;
      }
      element.append(cell);
    }
    return element;
  }

  function open(index) {
    active = index;
    const row = data.rows[shown[index]], dialog = at("account"), close = make("button", "", text.close);
    close.type = "button";
    close.addEventListener("click", () => dialog.close());
    const name = make("h2", "", row[NAME] || row[APPID]);
    name.id = "account-name";
    const about = [row[APPID], text.kinds[data.kinds[row[KIND]]], text.statuses[data.statuses[row[STATUS]]]];
    dialog.replaceChildren(close, name, make("small", "", about.join(" · ")));
    for (const state of ["m", "h", "n", "u", "g"]) {
      const sets = data.sets.filter((_, i) => row[MARKS][i] === state);
      if (!sets.length) continue;
      const list = make("ul");
      for (const set of sets) list.append(make("li", "", whole(set)));
      const heading = make("h3");
      heading.append(make("span", `mark ${state}`, STATES[state]), ` ${text.states[state]} (${sets.length})`);
      dialog.append(heading, list);
    }
    dialog.showModal();
  }

  function reveal(index) {
    active = Math.max(0, Math.min(shown.length - 1, index));
    const row = height(), top = active * row, room = scroller.clientHeight - head.offsetHeight;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    if (top + row > scroller.scrollTop + room) scroller.scrollTop = top + row - room;
    draw(true);
    const button = body.querySelector(`button[data-index="${active}"]`);
    if (button) button.focus({ preventScroll: true });
  }

  head.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const by = /^\d+$/.test(button.dataset.by) ? Number(button.dataset.by) : button.dataset.by;
    sort = { by, down: sort.by === by && !sort.down };
    activeTitle = [...head.querySelectorAll("button")].indexOf(button);
    choose();
  });
  head.addEventListener("keydown", (event) => {
    const buttons = [...head.querySelectorAll("button")];
    const target = { ArrowRight: activeTitle + 1, ArrowLeft: activeTitle - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (event.key === "ArrowDown") { event.preventDefault(); reveal(active); }
    if (!buttons[target]) return;
    event.preventDefault();
    buttons[activeTitle].tabIndex = -1;
    activeTitle = target;
    buttons[target].tabIndex = 0;
    buttons[target].focus();
  });
  body.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) open(Number(button.dataset.index));
  });
  body.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor((scroller.clientHeight - head.offsetHeight) / height()) - 1);
    const here = Number(event.target.dataset.index);
    const target = { ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + page, PageUp: here - page, Home: 0, End: shown.length - 1 }[event.key];
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      event.preventDefault();
      scroller.scrollLeft += event.key === "ArrowRight" ? 120 : -120;
    }
    if (target === undefined) return;
    event.preventDefault();
    reveal(target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      at("filters").open = true;
      at("search").focus();
    }
  });
  let waiting = 0;
  const soon = (act) => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(act); };
  scroller.addEventListener("scroll", () => soon(() => draw(false)), { passive: true });
  addEventListener("resize", () => soon(() => draw(true)));
  at("form").addEventListener("input", () => choose());
  at("form").addEventListener("submit", (event) => event.preventDefault());
  at("form").addEventListener("reset", () => setTimeout(choose));
  at("language").addEventListener("click", () => {
    lang = lang === "zh" ? "en" : "zh";
    speak();
    choose();
  });
  at("filters").open = matchMedia("(min-width: 40.01rem)").matches;
  speak();
  choose();
})();
