// Looks laboratories up in the list that the phone took along: by site, number and name.
// It is the list alone that answers; a certificate is checked by the server.
"use strict";
{
  // As `registry.names` compares: width, case, spaces, brackets and points do not count.
  const plain = (text) => text.normalize("NFKC").toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");
  const MOST = 20;

  const host = (text) => {
    try {
      const { protocol, hostname } = new URL(text.trim());
      return /^https?:$/.test(protocol) ? hostname.toLowerCase().replace(/\.$/, "") : "";
    } catch {
      return "";
    }
  };

  const laboratory = ([name, aliases, rights, sites]) => ({
    name,
    aliases,
    rights: rights.map(([kind, number, from, until, status, since, unlisted]) =>
      ({ kind, number, from, until, status, since: since ?? "", unlisted: unlisted ?? "" })),
    sites: sites.map(([domain, dropped]) => ({ domain, dropped: dropped ?? "" })),
  });

  // What can be asked of a list as the server gave it.
  const index = (list) => {
    const labs = list.labs.map(laboratory);
    const sites = new Map(), numbers = new Map();
    const add = (map, key, lab) => {
      if (!key) return;
      const known = map.get(key);
      if (!known) map.set(key, [lab]);
      else if (!known.includes(lab)) known.push(lab);
    };
    const names = labs.map((lab) => [lab.name, ...lab.aliases].map(plain).join("\n"));
    for (const lab of labs) {
      for (const site of lab.sites) add(sites, site.domain, lab);
      for (const right of lab.rights) add(numbers, plain(right.number), lab);
    }

    const bySite = (address, day) => {
      const parts = host(address).split(".");
      for (let at = 0; at < parts.length - 1; at += 1) {
        const domain = parts.slice(at).join(".");
        const found = (sites.get(domain) ?? []).filter((lab) =>
          lab.sites.some((site) => site.domain === domain && (!site.dropped || day < site.dropped)));
        if (found.length) return found;
      }
      return [];
    };
    const byName = (text) => {
      const wanted = plain(text);
      if (wanted.length < 2) return [];
      const found = [];
      for (let at = 0; at < labs.length && found.length < MOST; at += 1) {
        if (names[at].includes(wanted)) found.push(labs[at]);
      }
      return found;
    };
    const byNumber = (text) => numbers.get(plain(text)) ?? [];

    // {kind: site | number | name, labs, host} of whatever somebody typed or a code holds.
    const find = (text, day) => {
      const site = host(text);
      if (site) return { kind: "site", host: site, labs: bySite(text, day) };
      const held = byNumber(text);
      if (held.length) return { kind: "number", labs: held };
      return { kind: "name", labs: byName(text) };
    };
    return { find, size: labs.length };
  };

  // How a right stood on a day (ISO 8601): a code of `market.right`.
  const standing = (right, day) => {
    if (right.from && day < right.from) return "not_yet";
    if (right.unlisted && day >= right.unlisted) return "unlisted";
    if (right.until && day > right.until) return "over";
    if (right.status !== "valid") {
      if (!right.since) return "unknown";
      if (day >= right.since) return right.status;
    }
    return "holds";
  };

  self.market = Object.assign(self.market ?? {}, { lookup: { index, host, plain, standing } });
}
