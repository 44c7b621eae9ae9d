import Histogram
import NIOCore
import NIOHTTP1
import NIOPosix

/// Runs a ``LoadPlan`` against an HTTP/1.1 server, on one event loop: no locks, and next to no work per request besides the
/// request itself.
public enum LoadRun {
    /// The state of a run that is under way, for a progress line.
    public struct Progress: Sendable {
        public let elapsed: Duration
        public let answers: Int
        public let waiting: Int
    }

    /// Runs a load to its end.
    ///
    /// - Parameters:
    ///   - workload: makes the requests, on the loop's thread.
    ///   - progress: called about every second.
    /// - Throws: if no connection could be opened.
    public static func run(
        _ plan: LoadPlan, host: String, port: Int, workload: @escaping @Sendable () -> any Workload,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> LoadReport {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let report: LoadReport
        do {
            report = try await loop.flatSubmit {
                let engine = LoadEngine(plan, host: host, port: port, loop: loop, workload(), progress)
                return engine.run()
            }.get()
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
        return report
    }
}

/// Confined to its event loop.
private final class LoadEngine {
    private let plan: LoadPlan
    private let host: String
    private let port: Int
    private let loop: any EventLoop
    private let workload: any Workload
    private let progress: @Sendable (LoadRun.Progress) -> Void
    private let promise: EventLoopPromise<LoadReport>

    private struct Sent {
        let request: LoadRequest
        let due: NIODeadline
        let isMeasured: Bool
    }

    private var connections: [ObjectIdentifier: LoadConnection] = [:]
    private var free: [LoadConnection] = []
    private var underWay: [ObjectIdentifier: Sent] = [:]
    private var due: CircularBuffer<NIODeadline> = []
    private var begin = NIODeadline.now()
    private var released = 0
    private var isOver = false
    private var isDone = false

    private var histograms: [String: Histogram<UInt64>] = [:]
    private var statuses: [String: Int] = [:]
    private var failures: [String: Int] = [:]
    private var answers = 0
    private var tick: RepeatedTask?

    init(
        _ plan: LoadPlan, host: String, port: Int, loop: any EventLoop, _ workload: any Workload,
        _ progress: @escaping @Sendable (LoadRun.Progress) -> Void
    ) {
        self.plan = plan
        self.host = host
        self.port = port
        self.loop = loop
        self.workload = workload
        self.progress = progress
        promise = loop.makePromise()
    }

    private var measuredFrom: NIODeadline { begin + TimeAmount(plan.warmup) }
    private var measuredTo: NIODeadline { measuredFrom + TimeAmount(plan.duration) }

    func run() -> EventLoopFuture<LoadReport> {
        let bound = NIOLoopBound(self, eventLoop: loop)
        EventLoopFuture.andAllSucceed((0..<plan.connections).map { _ in connect() }, on: loop)
            .whenComplete { result in
                switch result {
                case .success: bound.value.start()
                case .failure(let error): bound.value.promise.fail(error)
                }
            }
        return promise.futureResult
    }

    private func connect() -> EventLoopFuture<Void> {
        let bound = NIOLoopBound(self, eventLoop: loop)
        return ClientBootstrap(group: loop)
            .channelOption(.socketOption(.so_reuseaddr), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let engine = bound.value
                    let connection = LoadConnection(
                        host: "\(engine.host):\(engine.port)", ended: { bound.value.ended($0, $1) },
                        closed: { bound.value.closed($0) })
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(connection)
                    engine.connections[ObjectIdentifier(connection)] = connection
                    engine.free.append(connection)
                }
            }
            .connect(host: host, port: port).map { _ in }
    }

    private func start() {
        begin = .now()
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(deadline: measuredTo) { bound.value.stop() }
        loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { task in
            let engine = bound.value
            guard !engine.isDone else { return task.cancel() }
            engine.tell()
        }
        switch plan.arrival {
        case .saturation: fill()
        case .rate:
            tick = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { _ in
                bound.value.release()
            }
        }
    }

    /// Lets those requests start whose time has come.
    private func release() {
        guard case .rate(let rate) = plan.arrival, !isOver else { return }
        let elapsed = NIODeadline.now() - begin
        let count = Int(Double(elapsed.nanoseconds) / 1e9 * rate)
        while released < count {
            released += 1
            due.append(begin + .nanoseconds(Int64(Double(released) / rate * 1e9)))
        }
        fill()
    }

    private func fill() {
        while !isOver, !free.isEmpty {
            switch plan.arrival {
            case .saturation: send(workload.next(), due: .now())
            case .rate:
                guard let time = due.popFirst() else { return }
                send(workload.next(), due: time)
            }
        }
    }

    private func send(_ request: LoadRequest, due: NIODeadline) {
        guard let connection = free.popLast() else { return }
        underWay[ObjectIdentifier(connection)] = Sent(
            request: request, due: due, isMeasured: due >= measuredFrom && due < measuredTo)
        connection.send(request)
    }

    private func ended(_ connection: LoadConnection, _ result: Result<LoadConnection.Answer, any Error>) {
        guard let sent = underWay.removeValue(forKey: ObjectIdentifier(connection)) else { return }
        let now = NIODeadline.now()
        switch result {
        case .success(let answer):
            free.append(connection)
            if sent.isMeasured { statuses[String(answer.status), default: 0] += 1 }
            if now >= measuredFrom, now < measuredTo { answers += 1 }
            if sent.isMeasured {
                let micros = UInt64(max(0, (now - sent.due).nanoseconds)) / 1000
                _ = histograms[sent.request.label, default: Histogram(numberOfSignificantValueDigits: .three)]
                    .record(micros)
            }
            let follow = workload.answered(sent.request, status: answer.status, body: answer.body)
            if let follow, !isOver { send(follow, due: now) }
        case .failure(let error):
            if sent.isMeasured { failures[String(describing: error), default: 0] += 1 }
        }
        if isOver { return finishIfQuiet() }
        fill()
    }

    private func closed(_ connection: LoadConnection) {
        connections[ObjectIdentifier(connection)] = nil
        free.removeAll { $0 === connection }
        guard !isOver else { return finishIfQuiet() }
        let bound = NIOLoopBound(self, eventLoop: loop)
        // A server that is away is tried again, not too often; the requests that are due meanwhile wait.
        loop.scheduleTask(in: .milliseconds(100)) {
            guard !bound.value.isOver else { return }
            bound.value.connect().whenComplete { result in
                if case .failure(let error) = result {
                    bound.value.failures["reconnect: \(error)", default: 0] += 1
                } else {
                    bound.value.fill()
                }
            }
        }
    }

    private func stop() {
        isOver = true
        tick?.cancel()
        finishIfQuiet()
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(in: TimeAmount(plan.patience)) { bound.value.finish() }
    }

    private func finishIfQuiet() {
        if underWay.isEmpty { finish() }
    }

    private func finish() {
        guard !isDone else { return }
        isDone = true
        for sent in underWay.values where sent.isMeasured { failures["no answer", default: 0] += 1 }
        let seconds = Double((measuredTo - measuredFrom).nanoseconds) / 1e9
        let report = LoadReport(
            seconds: seconds, answers: answers, latencies: histograms.mapValues { .init($0) }, statuses: statuses,
            failures: failures, unsent: due.count)
        for connection in connections.values { connection.close() }
        promise.succeed(report)
    }

    private func tell() {
        progress(
            .init(
                elapsed: .nanoseconds((NIODeadline.now() - begin).nanoseconds),
                answers: answers, waiting: underWay.count + due.count))
    }
}
