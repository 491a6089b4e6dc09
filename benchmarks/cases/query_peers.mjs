// The cases of RTK Query and query-core: node --expose-gc query_peers.mjs PEER CASE SIZE SAMPLES prints seconds of one
// operation, or bytes, as JSON. Each is the same work as in query_rxdux.py.
const [peer, name, size, samples] = [process.argv[2], process.argv[3], Number(process.argv[4]), Number(process.argv[5])]
const BUDGET = 50 // milliseconds that a sample takes at least
const LONG = 2 // seconds after which no further sample is taken of what is done once
const bodies = {}
const bodyOf = count => (bodies[count] ??= JSON.stringify(ids(count).map(id => ({ id, name: `user ${id}`, tags: ['a', 'b'] }))))
const ids = count => Array.from({ length: count }, (_, id) => id)
const now = () => Number(process.hrtime.bigint()) / 1e9
let calls = 0
const user = async id => ({ id, name: `user ${id}`, version: ++calls })
const first = id => ({ id, name: `user ${id}`, version: 0 })

// Resolves when each of some watchers was told of an answer that it did not have.
function told(watchers) {
  const next = { seen: 0, count: 0, done: () => {} }
  const tell = version => {
    if (version === undefined || version === next.seen || ++next.count < watchers) return
    next.seen = version
    next.count = 0
    next.done()
  }
  return { tell, next: begin => new Promise(resolve => { next.done = resolve; begin() }) }
}

async function rtk() {
  const { configureStore } = await import('@reduxjs/toolkit')
  const { createApi } = await import('@reduxjs/toolkit/query')
  const opened = (entries = 0) => {
    const api = createApi({
      baseQuery: () => ({ data: null }), keepUnusedDataFor: Infinity, tagTypes: ['User'],
      endpoints: build => ({
        getUser: build.query({ queryFn: async id => ({ data: await user(id) }), providesTags: (_, __, id) => [{ type: 'User', id }] }),
        getList: build.query({ queryFn: async count => ({ data: JSON.parse(bodyOf(count)) }) }),
      }),
    })
    const store = configureStore({
      reducer: { api: api.reducer }, devTools: false,
      enhancers: getDefault => getDefault({ autoBatch: { type: 'tick' } }), // by default listeners wait for a timer of 10 ms
      middleware: getDefault => getDefault({ serializableCheck: false, immutableCheck: false }).concat(api.middleware),
    })
    if (entries) store.dispatch(api.util.upsertQueryEntries(ids(entries).map(id => ({ endpointName: 'getUser', arg: id, value: first(id) }))))
    const ask = id => store.dispatch(api.endpoints.getUser.initiate(id))
    const once = async id => { const asked = ask(id); await asked; asked.unsubscribe() } // ten times as quick as `subscribe: false`
    return { api, store, ask, once }
  }
  const watch = ({ api, store, ask }, tell) => {
    const asked = ask(7)
    const select = api.endpoints.getUser.select(7)
    let last = select(store.getState()).data
    store.subscribe(() => {
      const { data } = select(store.getState())
      if (data !== last) { last = data; tell(data?.version) }
    })
    return asked
  }
  const change = async (entries, watchers) => {
    const all = opened(entries), { tell, next } = told(watchers)
    const asked = ids(watchers).map(() => watch(all, tell))
    return () => next(() => asked[0].refetch())
  }
  return {
    hit: async () => { const { once } = opened(size); return () => once(7) },
    change: () => change(size, 1),
    watchers: () => change(10, size),
    invalidation: async () => {
      const all = opened(size), { tell, next } = told(1)
      watch(all, tell)
      return () => next(() => all.store.dispatch(all.api.util.invalidateTags([{ type: 'User', id: 7 }])))
    },
    equal: async () => {
      const { api, store } = opened(10)
      const asked = store.dispatch(api.endpoints.getList.initiate(size))
      await asked
      const select = api.endpoints.getList.select(size), before = select(store.getState()).data
      return async () => {
        await asked.refetch()
        if (select(store.getState()).data !== before) throw new Error('not shared')
      }
    },
    atOnce: async () => {
      const { ask } = opened()
      return () => Promise.all(ids(size).map(ask))
    },
    memory: async () => {
      const { once, store } = opened()
      return { fill: async () => { for (const id of ids(size)) await once(id) }, keep: store }
    },
  }
}

async function tanstack() {
  const { QueryClient, QueryObserver, notifyManager } = await import('@tanstack/query-core')
  notifyManager.setScheduler(queueMicrotask) // by default it waits for a timer
  const options = id => ({ queryKey: ['user', id], queryFn: () => user(id), staleTime: Infinity })
  const opened = (entries = 0) => {
    const client = new QueryClient({ defaultOptions: { queries: { gcTime: Infinity, retry: false } } })
    for (const id of ids(entries)) client.setQueryData(['user', id], first(id))
    client.mount()
    return client
  }
  const watch = (client, tell) => {
    let last = client.getQueryData(['user', 7])
    new QueryObserver(client, options(7)).subscribe(({ data }) => {
      if (data !== last) { last = data; tell(data?.version) }
    })
  }
  const change = async (entries, watchers) => {
    const client = opened(entries), { tell, next } = told(watchers)
    for (let n = 0; n < watchers; n++) watch(client, tell)
    return () => next(() => client.fetchQuery({ ...options(7), staleTime: 0 }))
  }
  return {
    hit: async () => { const client = opened(size); return () => client.fetchQuery(options(7)) },
    change: () => change(size, 1),
    watchers: () => change(10, size),
    invalidation: async () => {
      const client = opened(size), { tell, next } = told(1)
      watch(client, tell)
      return () => next(() => client.invalidateQueries({ queryKey: ['user', 7] }))
    },
    equal: async () => {
      const client = opened(10)
      const list = { queryKey: ['list', size], queryFn: async () => JSON.parse(bodyOf(size)), staleTime: 0 }
      const before = await client.fetchQuery(list)
      return async () => {
        await client.fetchQuery(list)
        if (client.getQueryData(list.queryKey) !== before) throw new Error('not shared')
      }
    },
    atOnce: async () => {
      const client = opened()
      return () => Promise.all(ids(size).map(id => client.fetchQuery(options(id))))
    },
    memory: async () => {
      const client = opened()
      return { fill: async () => { for (const id of ids(size)) await client.fetchQuery(options(id)) }, keep: client }
    },
  }
}

async function timed(operation) {
  for (let loops = 1; ; loops *= 2) {
    const started = now()
    for (let n = 0; n < loops; n++) await operation()
    const seconds = now() - started
    if (seconds > BUDGET / 1e3) return seconds / loops
  }
}

// As often, or until it takes too long.
async function repeat(times, work) {
  const started = now()
  for (let n = 0; n < times && now() - started < LONG; n++) await work()
}

const cases = await { rtk, tanstack }[peer]()
const results = []
if (name === 'at once') {
  await repeat(3, async () => (await cases.atOnce())()) // what is compiled once
  await repeat(samples, async () => {
    const operation = await cases.atOnce()
    global.gc()
    const started = now()
    await operation()
    results.push(now() - started)
  })
} else if (name === 'memory') {
  await repeat(samples, async () => {
    const { fill, keep } = await cases.memory()
    global.gc()
    const before = process.memoryUsage().heapUsed
    await fill()
    global.gc()
    results.push((process.memoryUsage().heapUsed - before) / size)
    if (!keep) throw new Error('gone')
  })
} else {
  const operation = await cases[name]()
  for (let n = 0; n < 3; n++) await timed(operation)
  for (let n = 0; n < samples; n++) results.push(await timed(operation))
}
console.log(JSON.stringify(results))
process.exit(0)
