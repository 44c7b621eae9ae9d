import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Nobody of those that were tried is free.
package struct NoFreePort: Error {
    package let code: Int32
}

/// Ports that the system gives to nobody by itself: every connection that goes out takes one of the range above, and would take that
/// of a server that is not there yet, or is away for a while.
package let portsForServers = 12_000..<min(firstPortOfConnections(), 32_768)

private let given = Mutex<Set<Int>>([])

/// A port of 127.0.0.1 that nobody listens on, of ``portsForServers``; this process gets it once.
package func freePort() throws -> Int {
    var code: Int32 = 0
    for _ in 0..<1000 {
        let port = Int.random(in: portsForServers)
        guard given.withLock({ $0.insert(port).inserted }) else { continue }
        code = try whyNobodyListens(on: port)
        if code == 0 { return port }
    }
    throw NoFreePort(code: code)
}

/// - Returns: 0 if somebody could listen there, or why not.
private func whyNobodyListens(on port: Int) throws -> Int32 {
    #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    guard descriptor >= 0 else { throw NoFreePort(code: errno) }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 ? 0 : errno
        }
    }
}

/// As Linux says; macOS begins at 49,152, which is above all that is wanted here.
private func firstPortOfConnections() -> Int {
    let file = "/proc/sys/net/ipv4/ip_local_port_range"
    guard let line = try? String(contentsOfFile: file, encoding: .utf8),
        let first = line.split(whereSeparator: \.isWhitespace).first.flatMap({ Int($0) })
    else { return 49_152 }
    return max(first, 12_100)
}
