import TestServers
import Testing

@Suite("A port for a server of a test")
struct FreePortTests {
    /// A server that is started later, or started again, found its port taken by a connection of another test.
    @Test func `is none that the system gives to a connection, and is given once`() throws {
        let ports = try (0..<200).map { _ in try freePort() }
        #expect(Set(ports).count == 200)
        #expect(ports.allSatisfy(portsForServers.contains))
        #expect(portsForServers.upperBound <= 32_768)
    }
}
