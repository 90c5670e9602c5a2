namespace DevOps.Core.Projects;

/// <summary>A starting point for a project: sensible values to change, never hidden rules.</summary>
/// <param name="Id">Stable word, such as <c>node</c>.</param>
/// <param name="Build">How such a project is usually built.</param>
/// <param name="Deploy">How such a project is usually put on a server.</param>
public sealed record ProjectTemplate(string Id, BuildSpec Build, DeploySpec Deploy);

/// <summary>The templates of the wizard for new projects.</summary>
public static class ProjectTemplates
{
    private const string RestartService = "systemctl restart \"$DEPLOY_PROJECT\"";

    /// <summary>All templates, in the order of the wizard; the first is the default.</summary>
    public static IReadOnlyList<ProjectTemplate> All { get; } =
    [
        new(
            "shell",
            new BuildSpec { Image = "debian:12-slim", Script = ["./build.sh"], Artifacts = ["dist/**"] },
            Service("/srv/{project}", "")),
        new(
            "node",
            new BuildSpec
            {
                Image = "node:22",
                Script = ["npm ci", "npm run build --if-present", "npm prune --omit=dev"],
                Variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["CI"] = "true" },
                Artifacts = ["**", "!.git/**"],
                Caches = ["/root/.npm"],
            },
            Service("/srv/{project}", "http://{host}:3000/")),
        new(
            "dotnet",
            new BuildSpec
            {
                Image = "mcr.microsoft.com/dotnet/sdk:10.0",
                Script = ["dotnet publish --configuration Release --output publish"],
                Variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1", ["DOTNET_NOLOGO"] = "1" },
                Artifacts = ["publish/**"],
                Caches = ["/root/.nuget/packages"],
            },
            Service("/srv/{project}", "http://{host}:8080/healthz")),
        new(
            "maven",
            new BuildSpec { Image = "maven:3-eclipse-temurin-21", Script = ["mvn --batch-mode --no-transfer-progress package"], Artifacts = ["target/*.jar"], Caches = ["/root/.m2"] },
            Service("/srv/{project}", "http://{host}:8080/actuator/health")),
        new(
            "gradle",
            new BuildSpec { Image = "gradle:8-jdk21", Script = ["gradle --no-daemon build"], Artifacts = ["build/libs/*.jar"], Caches = ["/home/gradle/.gradle", "/root/.gradle"] },
            Service("/srv/{project}", "http://{host}:8080/actuator/health")),
        new(
            "python",
            new BuildSpec { Image = "python:3.13", Script = ["python -m pip install --requirement requirements.txt --target vendor"], Artifacts = ["**", "!.git/**"], Caches = ["/root/.cache/pip"] },
            Service("/srv/{project}", "http://{host}:8000/")),
        new(
            "go",
            new BuildSpec
            {
                Image = "golang:1.25",
                Script = ["mkdir -p bin", "go build -trimpath -o bin/ ./..."],
                Variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["CGO_ENABLED"] = "0" },
                Artifacts = ["bin/**"],
                Caches = ["/go/pkg/mod", "/root/.cache/go-build"],
            },
            Service("/srv/{project}", "http://{host}:8080/healthz")),
        new(
            "static",
            new BuildSpec { Artifacts = ["**", "!.git/**"] },
            new DeploySpec { Path = "/var/www/{project}" }),
    ];

    private static DeploySpec Service(string path, string healthUrl) =>
        new() { Path = path, Restart = [RestartService], Health = new HealthSpec { Url = healthUrl } };
}
