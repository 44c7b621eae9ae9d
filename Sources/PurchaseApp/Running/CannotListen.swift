import Foundation
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The program cannot listen where it was told to.
public struct CannotListen: Error, CustomStringConvertible {
    /// A setting and what it says.
    struct Named: Sendable {
        let key: String
        let host: String
        let hostKey: String
        let port: Int
    }

    enum Reason { case taken, forbidden, noAddress }

    let place: Named
    let reason: Reason

    /// What is wrong, and which setting to change.
    public var description: String {
        let next = place.port < 65_535 ? place.port + 1 : place.port - 1
        return switch reason {
        case .taken:
            "port \(place.port) (\(place.key)) is taken; end whoever listens there, or choose another, such as \(place.key)=\(next)"
        case .forbidden:
            "port \(place.port) (\(place.key)) may not be used by this user; choose one above 1023, such as \(place.key)=3000"
        case .noAddress:
            "'\(place.host)' (\(place.hostKey)) is no address of this machine; choose one, such as \(place.hostKey)=127.0.0.1"
        }
    }
}

extension CannotListen {
    /// Listens for a moment, so that a place which cannot be had is known before anything else is touched.
    ///
    /// - Throws: ``CannotListen``; the system's error.
    static func check(_ place: Named) async throws {
        try await naming(place) {
            let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: place.host, port: place.port).get()
            try await channel.close()
        }
    }

    /// Runs `body`, and says of which place its failure to listen is.
    fileprivate static func naming(_ place: Named, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as IOError {
            let reasons: [CInt: Reason] = [EADDRINUSE: .taken, EACCES: .forbidden, EADDRNOTAVAIL: .noAddress]
            guard let reason = reasons[error.errnoCode] else { throw error }
            throw CannotListen(place: place, reason: reason)
        } catch is SocketAddressError.UnknownHost {
            throw CannotListen(place: place, reason: .noAddress)
        } catch is SocketAddressError {
            throw CannotListen(place: place, reason: .noAddress)
        }
    }
}

/// A server whose failure to listen names the setting to change.
struct Listening<Server: Service>: Service {
    let place: CannotListen.Named
    let server: Server

    /// - Throws: ``CannotListen``; the server's error.
    func run() async throws { try await CannotListen.naming(place) { try await server.run() } }
}
