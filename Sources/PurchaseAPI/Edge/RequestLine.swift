import NIOCore

/// How long the first line of the header being read is, as far as it has come. The parser says only that a header is too long; this
/// tells whether it was its line. Of a header that begins in the middle of a read nothing is known.
struct RequestLine {
    private(set) var bytes = 0
    private var isWhole = false

    mutating func take(_ view: ByteBufferView) {
        guard !isWhole else { return }
        if let end = view.firstIndex(of: UInt8(ascii: "\n")) {
            bytes += view.distance(from: view.startIndex, to: end)
            isWhole = true
        } else {
            bytes += view.count
        }
    }
}
