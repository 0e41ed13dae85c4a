// The yardstick of bench/scim_bench.py: scimmy-routers over maps in memory, in which user names and external ids are
// indexed, behind a bearer token. Prints its address and runs until its standard input ends.

import crypto from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const users = new Map();
const indexes = {userName: new Map(), externalId: new Map()};

function forget(user) {
  for (const [attribute, index] of Object.entries(indexes)) index.delete(user[attribute]?.toLowerCase());
}

function store(user) {
  users.set(user.id, user);
  for (const [attribute, index] of Object.entries(indexes)) {
    if (user[attribute]) index.set(user[attribute].toLowerCase(), user);
  }
  return user;
}

function load(id) {
  const user = users.get(id);
  if (!user) throw new SCIMMY.Types.Error(404, null, `There is no user ${id}.`);
  return user;
}

/** Found by an index when the filter is one equality that has one; by the library's own filter otherwise. */
function search(filter) {
  if (!filter) return [...users.values()];
  const [[attribute, [operator, value]]] = Object.entries(filter[0]);
  if (filter.length > 1 || operator !== "eq" || !indexes[attribute]) return filter.match([...users.values()]);
  const user = indexes[attribute].get(value.toLowerCase());
  return user ? [user] : [];
}

SCIMMY.Resources.declare(SCIMMY.Resources.User, {
  extensions: [{schema: SCIMMY.Schemas.EnterpriseUser}],
  ingress({id}, data) {
    const now = new Date().toISOString();
    const known = id && load(id);
    const holder = indexes.userName.get(data.userName.toLowerCase());
    if (holder && holder !== known) throw new SCIMMY.Types.Error(409, "uniqueness", "The user name is taken.");
    if (known) forget(known);
    return store({
      ...data,
      id: id ?? crypto.randomUUID(),
      meta: {created: known?.meta.created ?? now, lastModified: now},
    });
  },
  egress: ({id, filter}) => (id ? load(id) : search(filter)),
  degress({id}) {
    forget(load(id));
    users.delete(id);
  },
});

const token = crypto.randomBytes(32).toString("hex");
const app = express();
app.use("/scim/v2", new SCIMMYRouters({
  type: "bearer",
  handler(request) {
    if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("The token is not known.");
    return "directory";
  },
}));
const server = app.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({url: `http://127.0.0.1:${server.address().port}`, secret: token}));
});
process.stdin.resume().on("end", () => process.exit());
