import Foundation

/// Text in headers: whatever comes in, one header comes out.
enum HeaderText {
    /// The longest line with encoded words in it (RFC 2047, section 2).
    private static let longestLine = 76
    private static let (opening, closing) = ("=?UTF-8?B?", "?=")

    /// Unstructured text as the value of a header: short ASCII as it is, everything else as encoded words (RFC 2047).
    ///
    /// - Parameter prefix: how many characters stand before it on its first line.
    static func value(_ text: String, after prefix: Int) -> String {
        let clean = oneLine(text)
        let isPlain =
            clean.utf8.allSatisfy { (32...126).contains($0) } && prefix + clean.utf8.count <= longestLine
            && !clean.contains("=?") && !clean.hasPrefix(" ") && !clean.hasSuffix(" ")
        return isPlain ? clean : encodedWords(clean, after: prefix)
    }

    /// A name before an address: a quoted string (RFC 5322, section 3.2.4), or encoded words.
    static func phrase(_ text: String, after prefix: Int) -> String {
        let clean = oneLine(text)
        guard clean.utf8.allSatisfy({ (32...126).contains($0) }), !clean.contains("=?") else {
            return encodedWords(clean, after: prefix)
        }
        let escaped = clean.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }

    /// Each word holds whole characters, so that it can be read by itself.
    private static func encodedWords(_ text: String, after prefix: Int) -> String {
        var words: [String] = []
        var word: [UInt8] = []
        var room = capacity(after: prefix)
        func flush() {
            words.append(opening + Data(word).base64EncodedString() + closing)
            word = []
            room = capacity(after: 1)
        }
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if word.count + bytes.count > room { flush() }
            word += bytes
        }
        if !word.isEmpty || words.isEmpty { flush() }
        return words.joined(separator: "\r\n ")
    }

    /// Bytes of text in a word that begins after so many characters.
    private static func capacity(after prefix: Int) -> Int {
        max(1, (longestLine - prefix - opening.utf8.count - closing.utf8.count) / 4) * 3
    }

    /// Without anything that could end a header.
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .lineSeparator, .paragraphSeparator: " "
                    default: scalar
                    }
                }))
    }
}
