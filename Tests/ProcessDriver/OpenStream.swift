import AsyncHTTPClient
import Synchronization

/// An answer that goes on and on, read while it comes.
package final class OpenStream: Sendable {
    private struct Heard {
        var status: Int?
        var text = ""
        var end: End?
    }

    /// How an answer ended.
    package enum End: Sendable, Equatable { case whole, broken }

    /// More connections than a client that is asked for one thing after the other.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(2), read: .seconds(60)))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private let heard: Listener
    private let reading: Task<Void, Never>

    private final class Listener: Sendable {
        let state = Mutex(Heard())
    }

    /// Begins to read; what comes is told by the properties.
    package init(_ url: String, token: String, headers: [(String, String)] = []) {
        let heard = Listener()
        self.heard = heard
        reading = Task {
            do {
                var request = HTTPClientRequest(url: url)
                request.headers.add(name: "Authorization", value: "Bearer \(token)")
                for (name, value) in headers { request.headers.add(name: name, value: value) }
                let response = try await Self.http.execute(request, timeout: .seconds(600))
                heard.state.withLock { $0.status = Int(response.status.code) }
                for try await part in response.body { heard.state.withLock { $0.text += String(buffer: part) } }
                heard.state.withLock { $0.end = .whole }
            } catch { heard.state.withLock { $0.end = .broken } }
        }
    }

    deinit { reading.cancel() }

    /// `nil` until it began.
    package var status: Int? { heard.state.withLock { $0.status } }
    /// What came until now.
    package var text: String { heard.state.withLock { $0.text } }
    /// `nil` while it goes on.
    package var end: End? { heard.state.withLock { $0.end } }

    /// Hangs up.
    package func close() { reading.cancel() }
}
