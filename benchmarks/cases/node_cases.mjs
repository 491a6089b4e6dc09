// The cases of redux 5, @reduxjs/toolkit 2 and redux-observable, one turn at a time, as they are told to on stdin (see measure.py).
import { createInterface } from 'node:readline'
import { configureStore, createEntityAdapter, createSlice, createStore, combineReducers, applyMiddleware } from '@reduxjs/toolkit'
import { createEpicMiddleware, combineEpics, ofType } from 'redux-observable'
import { map } from 'rxjs/operators'

const only = process.argv[2] // 'redux', 'rtk' or 'redux-observable'
const cases = {} // each sets up, and returns what is to be timed
const TURN = 0.03 // seconds of the processor that a turn takes, at least

const plain = (state = 0) => state + 1 // the same as in same.py
const counter = (state = 0, action) => (action.type === 'INCREMENT' ? state + 1 : state)
const idle = (state = 0) => state
const increment = { type: 'INCREMENT' }, other = { type: 'OTHER' }

function slices(size, action) {
  const reducers = { counter }
  for (let n = 1; n < size; n++) reducers[`slice ${n}`] = idle
  const store = createStore(combineReducers(reducers))
  return () => store.dispatch(action)
}

function subscribers(size) {
  const store = createStore(plain)
  for (let n = 0; n < size; n++) store.subscribe(() => {})
  return () => store.dispatch(increment)
}

function entities(size) {
  const adapter = createEntityAdapter()
  const slice = createSlice({ name: 'books', initialState: adapter.getInitialState(), reducers: { set: adapter.setAll, update: adapter.updateOne } })
  const store = configureStore({ reducer: slice.reducer, middleware: () => [], devTools: false })
  store.dispatch(slice.actions.set(Array.from({ length: size }, (_, id) => ({ id, title: `${id}`, price: 1 }))))
  let price = 1
  return () => store.dispatch(slice.actions.update({ id: size / 2, changes: { price: price++ } }))
}

function epics(size) {
  const pong = { type: 'PONG' }, ping = { type: 'PING' }
  const answering = type => action$ => action$.pipe(ofType(type), map(() => pong))
  const all = [answering('PING')]
  for (let n = 1; n < size; n++) all.push(answering(`QUESTION ${n}`))
  const middleware = createEpicMiddleware()
  const store = createStore(plain, applyMiddleware(middleware))
  middleware.run(combineEpics(...all))
  return () => store.dispatch(ping)
}

if (only === 'redux') {
  cases['dispatch, 1 reducer'] = () => {
    const store = createStore(plain)
    return () => store.dispatch(increment)
  }
  for (const size of [10, 100, 1000]) {
    cases[`slices, one hit|${size}`] = () => slices(size, increment)
    cases[`slices, no hit|${size}`] = () => slices(size, other)
  }
  for (const size of [1, 1000, 10000]) cases[`subscribers|${size}`] = () => subscribers(size)
}
if (only === 'rtk') {
  for (const size of [10000, 100000]) cases[`update one of many entities|${size}`] = () => entities(size)
  cases['creation of an action'] = () => {
    const { actions } = createSlice({ name: 'notes', initialState: 0, reducers: { note: state => state } })
    return () => actions.note({ id: 1, text: 'milk', done: false })
  }
}
if (only === 'redux-observable') for (const size of [1, 10, 100, 1000]) cases[`epics, ping to pong|${size}`] = () => epics(size)

function seconds(operation, loops) {
  const started = process.cpuUsage()
  for (let i = 0; i < loops; i++) operation()
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1e6
}

function loopsOf(operation) {
  let loops = 1
  while (seconds(operation, loops) < TURN) loops *= 2
  return loops
}

const ready = new Map()
const tell = answer => process.stdout.write(JSON.stringify(answer) + '\n')

tell(Object.keys(cases))
for await (const line of createInterface({ input: process.stdin })) {
  const [, what, name] = /^(\w+) ?(.*)$/.exec(line)
  if (what === 'prepare') {
    const operation = cases[name]()
    ready.set(name, [operation, loopsOf(operation)])
    tell(true)
  } else if (what === 'time') {
    const [operation, loops] = ready.get(name)
    tell(seconds(operation, loops) / loops)
  } else {
    ready.clear()
    tell(true)
  }
}
