import FoundationEssentials

/// Masks in details what nobody may read: the values of keys that are named like a secret, however deep they are.
///
/// A key is masked if it is one of the fields, or one of its words is: `newPassword`, `api_key`, `refresh-tokens`. Most details hold
/// no such word, and are not read further than to see that.
public struct DetailsMask: Sendable {
    /// What is masked always.
    public static let always = ["password", "token", "secret", "key", "authorization"]
    private static let replacement = Array(#""***""#.utf8)

    private let fields: Set<String>
    private let needles: [[UInt8]]
    /// Whether a needle begins with a byte.
    private let begins: [Bool]

    /// - Parameter more: what is masked besides, in any case.
    public init(_ more: [String] = []) {
        fields = Set((Self.always + more).map { $0.lowercased() }.filter { !$0.isEmpty })
        needles = fields.sorted().map { Array($0.utf8) }
        var begins = Array(repeating: false, count: 256)
        for needle in needles { begins[Int(needle[0])] = true }
        self.begins = begins
    }

    /// A JSON object with what is to be masked replaced by `"***"`.
    public func masked(_ json: Data) -> Data {
        json.withUnsafeBytes { bytes in
            mayHold(bytes) ? Data(rewritten(bytes)) : json
        }
    }

    private func mayHold(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for start in bytes.indices where begins[Int(Self.lower(bytes[start]))] {
            for needle in needles where start + needle.count <= bytes.count {
                var index = 0
                while index < needle.count, Self.lower(bytes[start + index]) == needle[index] { index += 1 }
                if index == needle.count { return true }
            }
        }
        return false
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }

    private func rewritten(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "\"") else {
                out.append(bytes[at])
                at += 1
                continue
            }
            let end = Self.endOfString(bytes, from: at)
            out.append(contentsOf: bytes[at..<end])
            let value = Self.skipSpace(bytes, from: end)
            guard value < bytes.count, bytes[value] == UInt8(ascii: ":"), isMasked(bytes[at..<end]) else {
                at = end
                continue
            }
            out.append(UInt8(ascii: ":"))
            out.append(contentsOf: Self.replacement)
            at = Self.endOfValue(bytes, from: Self.skipSpace(bytes, from: value + 1))
        }
        return out
    }

    private func isMasked(_ quoted: Slice<UnsafeRawBufferPointer>) -> Bool {
        let key = String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
        if fields.contains(key.lowercased()) { return true }
        return Self.words(of: key).contains { word in
            fields.contains(word) || (word.hasSuffix("s") && fields.contains(String(word.dropLast())))
        }
    }

    /// `refreshToken`, `refresh_token` and `refresh-token` are two words each.
    private static func words(of key: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasUpper = false
        for character in key {
            let isUpper = character.isUppercase
            if !character.isLetter && !character.isNumber || isUpper && !wasUpper {
                words.append(word)
                word = ""
            }
            if character.isLetter || character.isNumber { word.append(character) }
            wasUpper = isUpper
        }
        return (words + [word]).filter { !$0.isEmpty }.map { $0.lowercased() }
    }

    /// Behind the closing quote of a string that begins at `start`.
    private static func endOfString(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var at = start + 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        return min(at + 1, bytes.count)
    }

    private static func skipSpace(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var at = start
        while at < bytes.count, bytes[at] == 32 || (9...13).contains(bytes[at]) { at += 1 }
        return at
    }

    /// Behind the value that begins at `start`.
    private static func endOfValue(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var at = start
        var depth = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at = endOfString(bytes, from: at)
                if depth == 0 { return at }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return at }
                depth -= 1
                if depth == 0 { return at + 1 }
            case UInt8(ascii: ",") where depth == 0: return at
            default: break
            }
            at += 1
        }
        return at
    }
}
