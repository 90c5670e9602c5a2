using System.Globalization;

namespace DevOps.Blazor;

/// <summary>The one place that spells the addresses of pages.</summary>
public static class AppUrls
{
    /// <summary>The first page.</summary>
    public const string Home = "/";

    /// <summary>All projects.</summary>
    public const string Projects = "/projects";

    /// <summary>The wizard for a new project.</summary>
    public const string NewProject = "/projects/new";

    /// <summary>All deployments.</summary>
    public const string Deployments = "/deployments";

    /// <summary>What is due when.</summary>
    public const string Schedules = "/schedules";

    /// <summary>Figures.</summary>
    public const string Insights = "/insights";

    /// <summary>What runs where.</summary>
    public const string Applications = "/applications";

    /// <summary>What waits for the person's word.</summary>
    public const string Approvals = "/approvals";

    /// <summary>All servers.</summary>
    public const string Servers = "/servers";

    /// <summary>The steps of adding a server.</summary>
    public const string NewServer = "/servers/new";

    /// <summary>All credentials.</summary>
    public const string Credentials = "/credentials";

    /// <summary>Adding a credential.</summary>
    public const string NewCredential = "/credentials/new";

    /// <summary>Channels where people hear of deployments.</summary>
    public const string Notifications = "/notifications";

    /// <summary>What concerns the whole installation.</summary>
    public const string Settings = "/settings";

    /// <summary>Adding a channel.</summary>
    public const string NewChannel = "/notifications/new";

    /// <summary>Everybody who may sign in.</summary>
    public const string Users = "/users";

    /// <summary>Inviting somebody.</summary>
    public const string NewUser = "/users/new";

    /// <summary>The audit log.</summary>
    public const string Audit = "/audit";

    /// <summary>The signed-in person.</summary>
    public const string Account = "/account";

    /// <summary>The signed-in person's second factor.</summary>
    public const string TwoFactor = "/account/two-factor";

    /// <summary>Signing in.</summary>
    public const string SignIn = "/login";

    /// <summary>Where the way to a forge begins.</summary>
    public const string SignInWithRoute = "/login/with/{provider}";

    /// <summary>Where the sign-out form is posted to.</summary>
    public const string SignOut = "/logout";

    /// <summary>Making the first administrator.</summary>
    public const string Setup = "/setup";

    /// <summary>Choosing a password by a one-time link.</summary>
    public const string Invitations = "/invitation";

    /// <summary>Description of the HTTP interface.</summary>
    public const string ApiDocs = "/docs";

    /// <summary>Shown when nothing has the address.</summary>
    public const string NotFound = "/not-found";

    /// <summary>Shown when a request failed.</summary>
    public const string Error = "/error";

    private static readonly string[] Doors = ["/api", "/openapi", ApiDocs, "/webhooks", "/healthz", "/readyz", "/metrics", "/_blazor", "/_framework", "/_content"];

    /// <summary>Choosing a password by a one-time link.</summary>
    public static string Invitation(string token) => $"{Invitations}/{token}";

    /// <summary>Signing in, and back to where one was.</summary>
    public static string SignInAndReturn(string url) => $"{SignIn}?returnUrl={Uri.EscapeDataString(url)}";

    /// <summary>Signing in through a forge, and back to where one was.</summary>
    public static string SignInWith(string provider, string url) => $"{SignIn}/with/{provider}?returnUrl={Uri.EscapeDataString(url)}";

    /// <summary>Linking the account that the ticket names with a person at a forge.</summary>
    public static string LinkWith(string provider, string ticket) => $"{SignIn}/with/{provider}?ticket={Uri.EscapeDataString(ticket)}";

    /// <summary>The sign-in page, saying why somebody from a forge was refused.</summary>
    public static string SignInRefused(string why) => $"{SignIn}?refused={why}";

    /// <summary>The second step of signing in, and back to where one was.</summary>
    public static string Code(string url) => $"{SignIn}/code?returnUrl={Uri.EscapeDataString(url)}";

    /// <summary>A project, on one of its tabs.</summary>
    public static string Project(string key, string tab = "") =>
        tab.Length == 0 ? $"{Projects}/{key}" : $"{Projects}/{key}/{tab}";

    /// <summary>Adding an environment to a project.</summary>
    public static string NewEnvironment(string key) => $"{Projects}/{key}/environments/new";

    /// <summary>Editing an environment.</summary>
    public static string Environment(string key, string name) => $"{Projects}/{key}/environments/{name}";

    /// <summary>A person.</summary>
    public static string User(string name) => $"{Users}/{name}";

    /// <summary>A webhook that a project received.</summary>
    public static string Delivery(string key, long id) => string.Create(CultureInfo.InvariantCulture, $"{Projects}/{key}/deliveries/{id}");

    /// <summary>A server.</summary>
    public static string Server(string name) => $"{Servers}/{name}";

    /// <summary>Editing a server.</summary>
    public static string EditServer(string name) => $"{Servers}/{name}/edit";

    /// <summary>Scanning and confirming a server's host key.</summary>
    public static string ServerHostKey(string name) => $"{Servers}/{name}/host-key";

    /// <summary>What runs of a project on a server; with its runtime log when asked.</summary>
    public static string Application(string project, string environment, string server, bool log = false) =>
        $"{Applications}/{project}/{environment}/{server}{(log ? "?log=true" : "")}";

    /// <summary>A channel.</summary>
    public static string Channel(string name) => $"{Notifications}/{name}";

    /// <summary>A deployment.</summary>
    public static string Deployment(long id) => string.Create(CultureInfo.InvariantCulture, $"{Deployments}/{id}");

    /// <summary>A line of a deployment's log.</summary>
    public static string DeploymentLine(long id, long line) => string.Create(CultureInfo.InvariantCulture, $"{Deployments}/{id}#L{line}");

    /// <summary>Download of a deployment's log.</summary>
    public static string DeploymentLogFile(long id) => string.Create(CultureInfo.InvariantCulture, $"/api/v1/deployments/{id}/log?download=1");

    /// <summary>Download of a release.</summary>
    public static string ReleaseFile(string project, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"/api/v1/projects/{project}/releases/{number}/artifact");

    /// <summary>Download of the audit log, narrowed as the page is.</summary>
    public static string AuditFile(IEnumerable<KeyValuePair<string, object?>> query) => "/api/v1/audit?format=csv" + string.Concat(
        query.Where(q => q.Value is string { Length: > 0 }).Select(q => $"&{q.Key}={Uri.EscapeDataString((string)q.Value!)}"));

    /// <summary>Says whether an address belongs to a page and not to a door for programs.</summary>
    public static bool IsPage(PathString path) => !Array.Exists(Doors, door => path.StartsWithSegments(door, StringComparison.Ordinal));
}
