extension Catalogue {
    /// The wording of requests that are refused before anyone has read them.
    static let edgeKorean: [String: Wording] = [
        "request.header-too-large": .init("헤더가 너무 큼", "헤더는 16 KiB, 64개 필드를 넘을 수 없습니다."),
        "request.malformed": .init("잘못된 요청", "HTTP/1.1 요청이 아닙니다."),
        "request.too-slow": .init("너무 느림", "요청이 제시간에 도착하지 않았습니다."),
        "request.uri-too-long": .init("주소가 너무 김", "경로와 쿼리는 4 KiB를 넘을 수 없습니다."),
    ]
}
