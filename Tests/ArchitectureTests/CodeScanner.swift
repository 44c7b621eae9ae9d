/// Blanks comments and the text of string literals out of Swift source, line breaks kept, so that a rule about code does
/// not stumble over a sentence that mentions it.
struct CodeScanner {
    private let source: [UInt8]
    private var position = 0
    private var code: [UInt8] = []

    static func code(of text: String) -> String {
        var scanner = CodeScanner(source: Array(text.utf8))
        scanner.readCode(untilParenthesis: false)
        return String(decoding: scanner.code, as: UTF8.self)
    }

    private init(source: [UInt8]) {
        self.source = source
        code.reserveCapacity(source.count)
    }

    private func at(_ text: StaticString) -> Bool {
        let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return position + bytes.count <= source.count && zip(source[position...], bytes).allSatisfy { $0 == $1 }
    }

    private mutating func keep() {
        code.append(source[position])
        position += 1
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<count where position < source.count {
            code.append(source[position] == UInt8(ascii: "\n") ? UInt8(ascii: "\n") : UInt8(ascii: " "))
            position += 1
        }
    }

    /// Code up to the end, or up to the parenthesis that closes an interpolation.
    private mutating func readCode(untilParenthesis: Bool) {
        var depth = 0
        while position < source.count {
            if at("//") {
                while position < source.count, source[position] != UInt8(ascii: "\n") { blank() }
            } else if at("/*") {
                readBlockComment()
            } else if at("\"") || at("#\"") || at("##\"") {
                readString()
            } else {
                if source[position] == UInt8(ascii: "(") { depth += 1 }
                if source[position] == UInt8(ascii: ")") {
                    if untilParenthesis, depth == 0 { return }
                    depth -= 1
                }
                keep()
            }
        }
    }

    private mutating func readBlockComment() {
        var depth = 0
        repeat {
            if at("/*") {
                depth += 1
                blank(2)
            } else if at("*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && position < source.count
    }

    private mutating func readString() {
        var hashes = 0
        while at("#") {
            hashes += 1
            keep()
        }
        let isMultiline = at("\"\"\"")
        let quotes = isMultiline ? 3 : 1
        for _ in 0..<quotes { keep() }
        while position < source.count {
            if isEscape(hashes) {
                blank(1 + hashes)
                if at("(") {
                    keep()
                    readCode(untilParenthesis: true)
                    if at(")") { keep() }
                } else {
                    blank()
                }
            } else if at("\""), isEnd(quotes, hashes) {
                for _ in 0..<(quotes + hashes) { keep() }
                return
            } else if !isMultiline, at("\n") {
                return
            } else {
                blank()
            }
        }
    }

    private func isEscape(_ hashes: Int) -> Bool {
        at("\\") && position + hashes < source.count
            && source[(position + 1)..<(position + 1 + hashes)].allSatisfy { $0 == UInt8(ascii: "#") }
    }

    private func isEnd(_ quotes: Int, _ hashes: Int) -> Bool {
        let end = position + quotes + hashes
        guard end <= source.count else { return false }
        return source[position..<(position + quotes)].allSatisfy { $0 == UInt8(ascii: "\"") }
            && source[(position + quotes)..<end].allSatisfy { $0 == UInt8(ascii: "#") }
    }
}
