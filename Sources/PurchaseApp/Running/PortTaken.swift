import Foundation
import NIOCore
import ServiceLifecycle

/// Somebody else listens where this program wants to.
public struct PortTaken: Error, CustomStringConvertible {
    /// The setting that names the port.
    public let key: String
    public let port: Int

    public var description: String {
        let next = port < 65_535 ? port + 1 : port - 1
        return "port \(port) (\(key)) is taken; choose another, such as \(key)=\(next)"
    }
}

/// A server whose failure to bind names the setting to change.
struct NamedPort<Server: Service>: Service {
    let key: String
    let port: Int
    let server: Server

    /// - Throws: ``PortTaken``; the server's error.
    func run() async throws {
        do {
            try await server.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw PortTaken(key: key, port: port)
        }
    }
}
