// An app of JavaScript's Redux, linked to the DevTools at the port that it is given. It dispatches what it reads, an action
// a line, and writes its state after each change.
import { createInterface } from "node:readline";
import { legacy_createStore as createStore } from "redux";
import { devToolsEnhancer } from "@redux-devtools/remote";

console.log = console.error; // where the enhancer speaks

const initial = { count: 0, words: [] };

function reducer(state = initial, action) {
  switch (action.type) {
    case "counter/added":
      return { ...state, count: state.count + action.payload };
    case "counter/doubled":
      return { ...state, count: state.count * 2 };
    case "words/added":
      return { ...state, words: [...state.words, action.payload] };
    default:
      return state;
  }
}

const [port, name, bare] = process.argv.slice(2);
const enhancer = devToolsEnhancer({ realtime: true, hostname: "127.0.0.1", port: Number(port), name, maxAge: 50 });
const store = createStore(bare ? (state = 0, action) => reducer({ count: state }, action).count : reducer, enhancer);

const say = () => process.stdout.write(`${JSON.stringify(store.getState())}\n`);
store.subscribe(say);
say();
for await (const line of createInterface({ input: process.stdin })) store.dispatch(JSON.parse(line));
process.exit(0);
