import Testing

@Suite struct `The scanner of the architecture tests` {
    @Test(arguments: [
        (#"let a = 1 // try! it"#, "try!", false),
        (#"let a = "try! it""#, "try!", false),
        (#"let a = "x \(try! f()) y""#, "try!", true),
        (#"let a = "x \(b["as!"]) y" as! Int"#, "as!", true),
        (#"/* try! /* nested */ try! */ let a = 1"#, "try!", false),
        (##"let a = #"x \(try!) "quoted" y"#; try! f()"##, "try! f()", true),
        ("let a = \"\"\"\n  as! \"quoted\"\n  \"\"\"\nlet b = 1", "as!", false),
        ("let a = \"\"\"\n  x\n  \"\"\"\nlet b = c as! D", "as!", true),
        (#"let a = "escaped \" as! ""#, "as!", false),
    ])
    func `code stays and text goes`(source: String, word: String, stays: Bool) {
        let code = CodeScanner.code(of: source)
        #expect(code.contains(word) == stays)
        #expect(code.count { $0 == "\n" } == source.count { $0 == "\n" })
    }
}
