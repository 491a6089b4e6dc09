// The cases of redux 5, @reduxjs/toolkit 2 and redux-observable, as JSON: {case: [seconds, ...]}.
import { configureStore, createEntityAdapter, createSlice, createStore, combineReducers, applyMiddleware } from '@reduxjs/toolkit'
import { createEpicMiddleware, combineEpics, ofType } from 'redux-observable'
import { map } from 'rxjs/operators'

const only = process.argv[2] // 'redux', 'rtk' or 'redux-observable'
const results = {}

function time(name, operation, budget = 200) {
  let loops = 1
  for (;;) { // calibrate
    const started = process.hrtime.bigint()
    for (let i = 0; i < loops; i++) operation()
    if (Number(process.hrtime.bigint() - started) / 1e6 > budget / 10) break
    loops *= 2
  }
  results[name] = []
  for (let round = 0; round < 3; round++) {
    const started = process.hrtime.bigint()
    for (let i = 0; i < loops; i++) operation()
    results[name].push(Number(process.hrtime.bigint() - started) / 1e9 / loops)
  }
}

const counter = (state = 0, action) => (action.type === 'INCREMENT' ? state + 1 : state)
const idle = (state = 0) => state
const increment = { type: 'INCREMENT' }, other = { type: 'OTHER' }

if (only === 'redux') {
  const one = createStore(counter)
  time('dispatch, 1 reducer', () => one.dispatch(increment))
  for (const size of [10, 100, 1000]) {
    const reducers = { counter }
    for (let n = 1; n < size; n++) reducers[`slice ${n}`] = idle
    const store = createStore(combineReducers(reducers))
    time(`slices, one hit|${size}`, () => store.dispatch(increment))
    time(`slices, no hit|${size}`, () => store.dispatch(other))
  }
  for (const size of [1, 1000, 10000]) {
    const store = createStore(counter)
    for (let n = 0; n < size; n++) store.subscribe(() => {})
    time(`subscribers|${size}`, () => store.dispatch(increment))
  }
}
if (only === 'rtk') {
  const adapter = createEntityAdapter()
  for (const size of [10000, 100000]) {
    const slice = createSlice({ name: 'books', initialState: adapter.getInitialState(), reducers: { set: adapter.setAll, update: adapter.updateOne } })
    const store = configureStore({ reducer: slice.reducer, middleware: () => [], devTools: false })
    store.dispatch(slice.actions.set(Array.from({ length: size }, (_, id) => ({ id, title: `${id}`, price: 1 }))))
    let price = 1
    time(`update one of many entities|${size}`, () => store.dispatch(slice.actions.update({ id: size / 2, changes: { price: price++ } })))
  }
  const { actions } = createSlice({ name: 'notes', initialState: 0, reducers: { note: state => state } })
  time('creation of an action', () => actions.note({ id: 1, text: 'milk', done: false }))
}
if (only === 'redux-observable') {
  const pong = { type: 'PONG' }, ping = { type: 'PING' }
  for (const size of [1, 10, 100, 1000]) {
    const answering = type => action$ => action$.pipe(ofType(type), map(() => pong))
    const epics = [answering('PING')]
    for (let n = 1; n < size; n++) epics.push(answering(`QUESTION ${n}`))
    const middleware = createEpicMiddleware()
    const store = createStore(counter, applyMiddleware(middleware))
    middleware.run(combineEpics(...epics))
    time(`epics, ping to pong|${size}`, () => store.dispatch(ping))
  }
}
console.log(JSON.stringify(results))
