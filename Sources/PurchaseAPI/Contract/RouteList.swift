import HTTPTypes

/// Every route as a Markdown table for the documents: who may use it, what it does, how it succeeds and how it fails.
struct RouteList: Sendable {
    let routes: [Route]
    let language: Language

    var markdown: String {
        let chapters = APITag.allCases.map { tag in (tag, routes.filter { $0.tag == tag }) }.filter { !$0.1.isEmpty }
        return chapters.map { tag, routes in chapter(tag, routes) }.joined(separator: "\n")
    }

    private func chapter(_ tag: APITag, _ routes: [Route]) -> String {
        let columns =
            switch language {
            case .en: "| Path | Who | Does | Success | Errors |"
            case .ko: "| 경로 | 누가 | 하는 일 | 성공 | 오류 |"
            }
        let rows = routes.sorted { ($0.path, $0.method.rawValue) < ($1.path, $1.method.rawValue) }.map(row)
        return "### \(tag.title(in: language))\n\n\(columns)\n|---|---|---|---|---|\n" + rows.joined()
    }

    private func row(_ route: Route) -> String {
        let successes = route.answers.map { "\($0.status.code)" }
        let refusals = route.refusals.filter { status in !route.answers.contains { $0.status.code == status } }
        return "| `\(route.method.rawValue) \(route.path)` | \(route.access.name) | \(route.summary(in: language)) "
            + "| \(successes.joined(separator: ", ")) "
            + "| \(refusals.sorted().map(String.init).joined(separator: ", ")) |\n"
    }
}

extension Route {
    /// The summary for people who read `language`; the English one is the route's own.
    func summary(in language: Language) -> String {
        switch language {
        case .en: summary
        case .ko: Catalogue.koreanRouteSummaries["\(method.rawValue) \(path)"] ?? summary
        }
    }
}

extension APITag {
    func title(in language: Language) -> String {
        switch (language, self) {
        case (.en, _): rawValue
        case (.ko, .orders): "주문"
        case (.ko, .items): "상품"
        case (.ko, .reservations): "재고 예약"
        case (.ko, .coupons): "쿠폰"
        case (.ko, .users): "사용자"
        case (.ko, .payments): "결제"
        case (.ko, .access): "접근"
        case (.ko, .administration): "관리"
        case (.ko, .audit): "감사"
        case (.ko, .system): "시스템"
        }
    }
}
