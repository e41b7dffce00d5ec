// Checks an inclusion proof in the reader's own browser: every hash from the event's bytes up to the roots, and the seal's signature.
// What is shown in #proof is what is checked, byte for byte; nothing is asked of the server.
(() => {
  "use strict";
  const button = document.getElementById("verify"), shown = document.getElementById("proof"), list = document.getElementById("verdict");
  if (!button || !shown || !list) return;
  const utf8 = new TextEncoder(), line = new RegExp('^  "event": \\{"stream":"([0-9a-f-]{36})","version":(\\d+),"type":"([^"]*)",'
    + '"id":"([0-9a-f-]{36})","timestamp":"(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d)\\.(\\d{6})Z","causation":(?:null|"([^"]*)"),'
    + '"data":(.*),"chain":"([0-9a-f]{64})"\\},$', "m");

  const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
  const hex = bytes => Array.from(bytes, b => b.toString(16).padStart(2, "0")).join("");
  const same = (a, b) => hex(a) === hex(b);

  function base64(text) {
    const bytes = atob(text);
    if (btoa(bytes) !== text) throw new Error(`'${text}' is not how base64 is written`);
    return Uint8Array.from(bytes, c => c.charCodeAt(0));
  }

  function joined(...parts) {
    const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return all;
  }

  function unhex(text) {
    if (!/^[0-9a-f]{64}$/.test(text)) throw new Error(`'${text}' is no SHA-256`);
    return Uint8Array.from(text.match(/../g), pair => parseInt(pair, 16));
  }

  // SHA-256 over these texts with a zero byte after each, then the canonical JSON of the data.
  function chainOf([, stream, version, type, id, seconds, micro, causation, data], previous) {
    const micros = BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(micro);
    const texts = ["ledger/v1", previous ?? "", stream, version, type, id, String(micros), causation ?? ""];
    return sha256(utf8.encode(texts.map(text => `${text}\0`).join("")), utf8.encode(data));
  }

  // RFC 9162 section 2.1.3.2.
  async function leads(leaf, place) {
    let node = place.index, last = place.size - 1, hash = await sha256(Uint8Array.of(0), leaf);
    if (!Number.isSafeInteger(node) || !Number.isSafeInteger(last) || node < 0 || node > last) return false;
    for (const sibling of place.path.map(unhex)) {
      if (last === 0) return false;
      if (node % 2 === 1 || node === last) {
        hash = await sha256(Uint8Array.of(1), sibling, hash);
        while (node % 2 === 0 && node !== 0) { node /= 2; last = Math.floor(last / 2); }
      } else {
        hash = await sha256(Uint8Array.of(1), hash, sibling);
      }
      node = Math.floor(node / 2);
      last = Math.floor(last / 2);
    }
    return last === 0 && same(hash, unhex(place.root));
  }

  // A signature in DER as WebCrypto wants it: two numbers of 32 bytes. DER has one spelling, and so must it.
  function raw(der) {
    const part = at => {
      const end = at + 2 + der[at + 1], number = der.slice(at + 2, end), digits = number.slice(-32);
      if (der[at] !== 2 || end > der.length || number.slice(0, -32).some(b => b !== 0)) throw new Error("that is no signature");
      return [joined(new Uint8Array(32 - digits.length), digits), end];
    };
    const [r, next] = part(2), [s, end] = part(next);
    if (der[0] !== 48 || der[1] !== end - 2 || end !== der.length) throw new Error("that is no signature");
    return joined(r, s);
  }

  async function signer(note) {
    const end = note.lastIndexOf("\n\n"), text = note.slice(0, end + 1), origin = text.split("\n")[0];
    for (const key of document.querySelectorAll("#keys-trusted [data-spki]")) {
      const spki = base64(key.dataset.spki), id = hex((await sha256(spki)).slice(0, 4));
      const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
      const trusted = await crypto.subtle.importKey("spki", spki, ecdsa, false, ["verify"]);
      for (const [, name, coded] of note.slice(end + 2).matchAll(/^— (\S+) (\S+)$/gm)) {
        const both = base64(coded);
        if (name === origin && hex(both.slice(0, 4)) === id
          && await crypto.subtle.verify(ecdsa, trusted, raw(both.slice(4)), utf8.encode(text))) return id;
      }
    }
    return null;
  }

  async function* steps() {
    const text = shown.textContent, proof = JSON.parse(text), event = line.exec(text);
    if (proof.format !== "ldcledger-proof/1" || !event) throw new Error("this is not the text of a proof");
    const written = JSON.stringify({ ...proof, event: "@" }, null, 2).replace('"@"', () => event[0].slice(11, -1));
    if (`${written}\n` !== text) throw new Error("this is not how a proof is written");
    const chain = event[9], leaf = unhex(chain), { study, seal, previous } = proof;
    yield [(previous === null) === (event[2] === "1"), "The event names the one before it in its stream, if it is not the first"];
    yield [same(await chainOf(event, previous), leaf), `Its content and the event before hash to ${chain}`];
    const named = place => place ? `${place.index} ${place.size} ${place.root}` : undefined;
    yield [named(study) === shown.dataset.study && named(seal) === shown.dataset.seal, "It is of the place that the page names"];
    if (study) yield [await leads(leaf, study), `${study.path.length} hashes lead from it, number ${study.index + 1}, to the root of `
      + `all ${study.size} events of the study, ${study.root}`];
    if (!seal) return;
    yield [await leads(leaf, seal), `${seal.path.length} hashes lead from it to the seal's root of ${seal.size} events, ${seal.root}`];
    const [, size, root] = seal.checkpoint.split("\n");
    yield [size === String(seal.size) && same(base64(root), unhex(seal.root)), "The seal's checkpoint is of that root"];
    const id = await signer(seal.checkpoint);
    yield [id !== null, id ? `Key ${id} has signed the checkpoint` : "The checkpoint is signed by a key that this page names"];
  }

  const say = (holds, text) => list.append(Object.assign(document.createElement("li"), {
    className: holds ? "holds" : "broken", textContent: `${holds ? "✓" : "✗"} ${text}`,
  }));

  button.hidden = false;
  button.addEventListener("click", async () => {
    list.replaceChildren();
    if (!globalThis.crypto?.subtle)
      return say(false, "This browser checks nothing on a page that came over plain HTTP: use the command below");
    let all = true;
    try {
      for await (const [holds, text] of steps()) { all &&= holds; say(holds, text); }
    } catch (wrong) { all = false; say(false, wrong.message); }
    say(all, all ? "Verified in this browser" : "NOT verified");
  });
})();
