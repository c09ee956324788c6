// sched_peers.cpp - the graphs of sched.c as null tasks of Taskflow, oneTBB and OpenMP.
//
//   sched_peers PEER SHAPE N    PEER: walk, taskflow, tbb, flow, openmp
//
// walk is a single-thread walk over the compressed rows: what no scheduler can beat. Prints
// `build run bytes` per task as sched.c does; -DHAVE_TASKFLOW, -DHAVE_TBB say what is there.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#ifdef HAVE_TASKFLOW
#include <taskflow/taskflow.hpp>
#endif
#ifdef HAVE_TBB
#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_group.h>
#endif

#include "shapes.h"

enum { ROUNDS = 5, THREADS = 2 };

static std::atomic<uint64_t> done;
static inline void work() { done.fetch_add(1, std::memory_order_relaxed); }

static int64_t now() {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

// Successors of each task, as rows.
struct Rows {
    std::vector<uint32_t> first, after;
    explicit Rows(const Shape &s) : first(s.n + 1), after(s.first[s.n]) {
        for (uint32_t k = 0; k < s.first[s.n]; k++) first[s.before[k] + 1]++;
        for (uint32_t i = 0; i < s.n; i++) first[i + 1] += first[i];
        std::vector<uint32_t> at(first.begin(), first.end() - 1);
        for (uint32_t i = 0; i < s.n; i++)
            for (uint32_t k = s.first[i]; k < s.first[i + 1]; k++) after[at[s.before[k]]++] = i;
    }
};

struct Times {
    int64_t build = INT64_MAX, run = INT64_MAX;
    void take(int64_t a, int64_t b, int64_t c) {
        build = std::min(build, b - a);
        run = std::min(run, c - b);
    }
};

static void walk(const Shape &s, Times &times) {
    int64_t a = now();
    Rows rows(s);
    std::vector<uint32_t> left(s.n), ready;
    for (uint32_t i = 0; i < s.n; i++) left[i] = s.first[i + 1] - s.first[i];
    int64_t b = now();
    for (uint32_t i = 0; i < s.n; i++)
        if (left[i] == 0) ready.push_back(i);
    while (!ready.empty()) {
        uint32_t i = ready.back();
        ready.pop_back();
        work();
        for (uint32_t k = rows.first[i]; k < rows.first[i + 1]; k++)
            if (--left[rows.after[k]] == 0) ready.push_back(rows.after[k]);
    }
    times.take(a, b, now());
}

#ifdef HAVE_TASKFLOW
static void taskflow(const Shape &s, Times &times) {
    static tf::Executor executor(THREADS);
    int64_t a = now();
    tf::Taskflow flow;
    std::vector<tf::Task> tasks(s.n);
    for (uint32_t i = 0; i < s.n; i++) tasks[i] = flow.emplace(work);
    for (uint32_t i = 0; i < s.n; i++)
        for (uint32_t k = s.first[i]; k < s.first[i + 1]; k++) tasks[s.before[k]].precede(tasks[i]);
    int64_t b = now();
    executor.run(flow).wait();
    times.take(a, b, now());
}
#endif

#ifdef HAVE_TBB
namespace {
struct Group {
    oneapi::tbb::task_group group;
    const Rows &rows;
    std::unique_ptr<std::atomic<uint32_t>[]> left;
    Group(const Shape &s, const Rows &r) : rows(r), left(new std::atomic<uint32_t>[s.n]) {
        for (uint32_t i = 0; i < s.n; i++) left[i] = s.first[i + 1] - s.first[i];
    }
    // The first ready successor is run in place.
    void run(uint32_t i) {
        for (;;) {
            uint32_t next = UINT32_MAX;
            work();
            for (uint32_t k = rows.first[i]; k < rows.first[i + 1]; k++) {
                uint32_t to = rows.after[k];
                if (left[to].fetch_sub(1) != 1) continue;
                if (next == UINT32_MAX) next = to;
                else group.run([this, to] { run(to); });
            }
            if (next == UINT32_MAX) return;
            i = next;
        }
    }
};
}

static void tbb_group(const Shape &s, Times &times) {
    int64_t a = now();
    Rows rows(s);
    Group g(s, rows);
    int64_t b = now();
    for (uint32_t i = 0; i < s.n; i++)
        if (s.first[i + 1] == s.first[i]) g.group.run([&g, i] { g.run(i); });
    g.group.wait();
    times.take(a, b, now());
}

static void tbb_flow(const Shape &s, Times &times) {
    using Node = oneapi::tbb::flow::continue_node<oneapi::tbb::flow::continue_msg>;
    int64_t a = now();
    oneapi::tbb::flow::graph graph;
    std::vector<std::unique_ptr<Node>> nodes(s.n);
    for (auto &node : nodes)
        node.reset(new Node(graph, [](const oneapi::tbb::flow::continue_msg &) { work(); }));
    for (uint32_t i = 0; i < s.n; i++)
        for (uint32_t k = s.first[i]; k < s.first[i + 1]; k++)
            oneapi::tbb::flow::make_edge(*nodes[s.before[k]], *nodes[i]);
    int64_t b = now();
    for (uint32_t i = 0; i < s.n; i++)
        if (s.first[i + 1] == s.first[i]) nodes[i]->try_put({});
    graph.wait_for_all();
    times.take(a, b, now());
}
#endif

#ifdef _OPENMP
// Up to three predecessors by name; the sink of a wide graph is behind a taskwait.
static void openmp(const Shape &s, Times &times) {
    std::vector<char> token(s.n);
    char *t = token.data();
    int64_t b = now();
#pragma omp parallel num_threads(THREADS)
#pragma omp single
    for (uint32_t i = 0; i < s.n; i++) {
        const uint32_t *p = s.before + s.first[i];
        switch (s.first[i + 1] - s.first[i]) {
        case 0:
#pragma omp task depend(out : t[i])
            work();
            break;
        case 1:
#pragma omp task depend(in : t[p[0]]) depend(out : t[i])
            work();
            break;
        case 2:
#pragma omp task depend(in : t[p[0]], t[p[1]]) depend(out : t[i])
            work();
            break;
        case 3:
#pragma omp task depend(in : t[p[0]], t[p[1]], t[p[2]]) depend(out : t[i])
            work();
            break;
        default: {
#pragma omp taskwait
            work();
        }
        }
    }
    times.take(b, b, now());
}
#endif

typedef void Peer(const Shape &, Times &);

int main(int argc, char **argv) {
    struct { const char *name; Peer *run; } peers[] = {
        { "walk", walk },
#ifdef HAVE_TASKFLOW
        { "taskflow", taskflow },
#endif
#ifdef HAVE_TBB
        { "tbb", tbb_group },
        { "flow", tbb_flow },
#endif
#ifdef _OPENMP
        { "openmp", openmp },
#endif
    };
    if (argc < 4) return 2;
#ifdef HAVE_TBB
    oneapi::tbb::global_control threads(oneapi::tbb::global_control::max_allowed_parallelism, THREADS);
#endif
    Shape shape = shape_new(argv[2], (uint32_t)atoi(argv[3]));
    for (auto &peer : peers) {
        if (strcmp(peer.name, argv[1]) != 0) continue;
        Times times;
        memory_mark();
        peer.run(shape, times);
        double bytes = memory_since();
        for (int i = 1; i < ROUNDS; i++) peer.run(shape, times);
        if (done != (uint64_t)shape.n * ROUNDS) {
            fprintf(stderr, "sched_peers: %s left tasks out\n", peer.name);
            return 1;
        }
        printf("%.1f %.1f %.0f\n", (double)times.build / shape.n, (double)times.run / shape.n,
               bytes / shape.n);
        return 0;
    }
    return 3; // not there
}
