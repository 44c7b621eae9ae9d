import Foundation

/// Colours on a terminal, and none elsewhere.
struct Painter {
    enum Ink: String {
        case plain = "0"
        case bold = "1"
        case dim = "2"
        case good = "32"
        case bad = "31"
        case undo = "33"
        case event = "36"
    }

    let isColoured: Bool

    /// As standard output and the environment want it (https://no-color.org).
    static func forStandardOutput(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Painter {
        let isUnwanted = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        return Painter(isColoured: !isUnwanted && isatty(STDOUT_FILENO) == 1)
    }

    func paint(_ text: String, _ ink: Ink) -> String {
        isColoured && ink != .plain && !text.isEmpty ? "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension String {
    /// Columns that it takes on a terminal: Hangul, kana and ideographs take two (Unicode Standard Annex 11).
    var columns: Int {
        unicodeScalars.reduce(0) { columns, scalar in
            switch scalar.value {
            case 0x0300...0x036F: columns
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60:
                columns + 2
            default: columns + 1
            }
        }
    }

    /// Broken between words into lines of at most so many columns; a longer word stays whole.
    func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        for word in split(separator: " ") {
            if let last = lines.last, last.columns + 1 + String(word).columns <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    /// Filled with spaces to so many columns; one space at least, so that two columns never touch.
    func filled(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - columns)) }
}

extension Int64 {
    /// With groups of three digits: `18,000`.
    var grouped: String {
        var text = ""
        let digits = String(magnitude)
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (self < 0 ? "−" : "") + text
    }

    /// A change: always with its sign.
    var signed: String { self < 0 ? grouped : "+\(grouped)" }
}
