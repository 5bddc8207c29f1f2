import { routes } from "../routes.ts";
import {
  createdUser,
  createUserBody,
  linkUserBody,
  listUsersQuery,
  setPasswordAnswer,
  setPasswordBody,
  updateUserBody,
  user,
  userDetails,
  userList,
} from "../schemas/access/account.ts";
import {
  changePasswordBody,
  listSessionsQuery,
  loggedIn,
  logInBody,
  sessionList,
} from "../schemas/access/session.ts";
import {
  beginDeviceLoginBody,
  collectDeviceLoginBody,
  collectedLogin,
  deviceLogin,
} from "../schemas/access/device-login.ts";
import type { Operation } from "./operation.ts";

const users = {
  listUsers: {
    ...routes.listUsers,
    summary: "List who has an account, by name",
    permission: { resource: "users", verb: "list" },
    query: listUsersQuery,
    success: { status: 200, body: userList },
  },
  createUser: {
    ...routes.createUser,
    summary: "Make an account",
    permission: { resource: "users", verb: "create" },
    body: createUserBody,
    success: { status: 201, body: createdUser },
  },
  getUser: {
    ...routes.getUser,
    summary: "Show an account, and what it is known by elsewhere",
    permission: { resource: "users", verb: "read" },
    success: { status: 200, body: userDetails },
  },
  updateUser: {
    ...routes.updateUser,
    summary: "Change how an account is shown",
    permission: { resource: "users", verb: "update" },
    body: updateUserBody,
    success: { status: 200, body: user },
  },
  deleteUser: {
    ...routes.deleteUser,
    summary: "Delete an account: it is let in no more, and its name is given to nobody else",
    permission: { resource: "users", verb: "delete" },
    success: { status: 204, body: null },
  },
  restoreUser: {
    ...routes.restoreUser,
    summary: "Bring a deleted account back, with what belongs to its name",
    permission: { resource: "users", verb: "delete" },
    success: { status: 200, body: user },
  },
  lockUser: {
    ...routes.lockUser,
    summary: "Shut an account out of every door, and end what it has open",
    permission: { resource: "users", verb: "admin" },
    success: { status: 200, body: user },
  },
  unlockUser: {
    ...routes.unlockUser,
    summary: "Let a locked account in again",
    permission: { resource: "users", verb: "admin" },
    success: { status: 200, body: user },
  },
  setUserPassword: {
    ...routes.setUserPassword,
    summary: "Give an account another password, or none; ends its sessions",
    permission: { resource: "users", verb: "admin" },
    body: setPasswordBody,
    success: { status: 200, body: setPasswordAnswer },
  },
  linkUser: {
    ...routes.linkUser,
    summary: "Make what a provider knows somebody by this account's",
    permission: { resource: "users", verb: "admin" },
    body: linkUserBody,
    success: { status: 200, body: userDetails },
  },
  unlinkUser: {
    ...routes.unlinkUser,
    summary: "Take that away again",
    permission: { resource: "users", verb: "admin" },
    body: linkUserBody,
    success: { status: 200, body: userDetails },
  },
} as const satisfies Record<string, Operation>;

export const accountOperations = {
  logIn: {
    ...routes.logIn,
    summary: "Log in by name and password: the answer has a token for this session",
    permission: null,
    body: logInBody,
    success: { status: 201, body: loggedIn },
  },
  beginDeviceLogin: {
    ...routes.beginDeviceLogin,
    summary: "Begin a login that somebody goes on with in a browser, on whatever device",
    permission: null,
    body: beginDeviceLoginBody,
    success: { status: 201, body: deviceLogin },
  },
  collectDeviceLogin: {
    ...routes.collectDeviceLogin,
    summary: "Ask whether it is decided: then the answer has a token for this session, once",
    permission: null,
    body: collectDeviceLoginBody,
    success: { status: 200, body: collectedLogin },
  },
  logOut: {
    ...routes.logOut,
    summary: "End the session by which this is asked",
    permission: { resource: "access", verb: "delete" },
    success: { status: 204, body: null },
  },
  changePassword: {
    ...routes.changePassword,
    summary: "Choose another password for oneself; ends all other sessions",
    permission: { resource: "access", verb: "update" },
    body: changePasswordBody,
    success: { status: 204, body: null },
  },
  listSessions: {
    ...routes.listSessions,
    summary: "List logins that have not ended, oldest first",
    permission: { resource: "sessions", verb: "list" },
    query: listSessionsQuery,
    success: { status: 200, body: sessionList },
  },
  deleteSession: {
    ...routes.deleteSession,
    summary: "End a login, and what is open by it",
    permission: { resource: "sessions", verb: "delete" },
    success: { status: 204, body: null },
  },
  ...users,
} as const satisfies Record<string, Operation>;
