import Hummingbird

/// The HTTP API: which paths there are, who may use them, and how every answer looks.
public struct PurchaseAPI: Sendable {
    private let dependencies: APIDependencies

    /// The API over a running system.
    public init(_ dependencies: APIDependencies) { self.dependencies = dependencies }

    /// Every route there is.
    var routes: [Route] {
        let chapters: [[Route]] = [
            SystemController(api: dependencies).routes,
            TestDataController(api: dependencies).routes,
            AuthController(api: dependencies).routes,
            SessionController(api: dependencies).routes,
            AdminUsersController(api: dependencies).routes,
            UsersController(api: dependencies).routes,
            ContactsController(api: dependencies).routes,
            ItemsController(api: dependencies).routes,
            CategoriesController(api: dependencies).routes,
            ReservationsController(api: dependencies).routes,
            NotificationsController(api: dependencies).routes,
            NotificationTestController(api: dependencies).routes,
            OrdersController(api: dependencies).routes,
            JourneysController(api: dependencies).routes,
            JourneyStreamController(api: dependencies).routes,
            LiveController(api: dependencies).routes,
            SearchController(api: dependencies).routes,
            CouponsController(api: dependencies).routes,
            AdminCouponsController(api: dependencies).routes,
            AdminCouponIssueController(api: dependencies).routes,
            PaymentsController(api: dependencies).routes,
            WebhooksController(api: dependencies).routes,
            AuditMonitoringController(api: dependencies).routes,
            AuditSearchController(api: dependencies).routes,
            AuditStreamController(api: dependencies).routes,
            AuditKeepingController(api: dependencies).routes,
            DeadLettersController(api: dependencies).routes,
            DeadLetterRepairController(api: dependencies).routes,
            OperationsController(api: dependencies).routes,
            DocumentationController().routes,
        ]
        let routes = chapters.flatMap { $0 }
        return routes + ContractController(describing: routes, settings: dependencies.settings).routes
    }

    /// The description of every path as OpenAPI 3.1, in JSON.
    public var openAPI: String { OpenAPIDocument(routes: routes, settings: dependencies.settings).text }

    /// Every path with its role, successes and errors as Markdown, for the documents.
    public func routeTable(in language: Language) -> String { RouteList(routes: routes, language: language).markdown }

    /// The router; `Application(router:)` makes a server of it.
    public func router() -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        let routes = routes
        let settings = dependencies.settings
        router.add(middleware: RequestMetrics())
        router.add(middleware: TraceMiddleware(ids: dependencies.ids))
        if !settings.corsOrigins.isEmpty {
            router.add(middleware: CORSMiddleware(origins: settings.corsOrigins, routes: routes))
        }
        router.add(middleware: ClientAddressMiddleware(trusted: settings.trustedProxies))
        router.add(
            middleware: ErrorMiddleware(
                routes: RouteTable(routes), commands: dependencies.api, clock: dependencies.clock,
                refusals: RefusalLog()))
        router.add(middleware: OverloadMiddleware(gate: RequestGate(most: settings.requestsAtOnce)))
        router.add(middleware: AuthenticationMiddleware(authenticator: dependencies.authenticator))
        let limits = settings.rateLimit.map { RateLimits($0, clock: dependencies.clock) }
        for route in routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                guard let limits else { return try await route.answer(request, context) }
                let fields = try limits.check(route, context)
                var response = try await route.answer(request, context)
                for field in fields { response.headers.append(field) }
                return response
            }
        }
        return router
    }
}
