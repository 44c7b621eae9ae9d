import FoundationEssentials

/// An id as a key of what is asked for each event: its two halves as numbers, hashed by the lower one alone, which is random in ids of
/// versions 4 and 7.
package struct IDKey: Hashable, Sendable {
    /// The first eight bytes; in ids of version 7 they begin with the time.
    package let high: UInt64
    private let low: UInt64

    /// A key for `id`.
    package init(_ id: UUID) {
        (high, low) = withUnsafeBytes(of: id.uuid) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(low) }
}
