using System.Globalization;
using DevOps.Core.Projects;
using DevOps.Core.Secrets;

namespace DevOps.Core.Deployments.Steps;

/// <summary>The variables that say to scripts and commands where they are.</summary>
public static class DeployContext
{
    /// <summary>For a build: nothing of an environment, so that the release can go to any.</summary>
    public static IReadOnlyDictionary<string, Sensitive> ForBuild(DeploymentPlan plan, string sha, string reference, int release)
    {
        var variables = plan.Build.Variables.ToDictionary(v => v.Key, v => new Sensitive(v.Value), StringComparer.Ordinal);
        foreach (var (name, value) in plan.BuildSecrets)
        {
            variables[name] = value;
        }

        Set(variables, "DEPLOY_PROJECT", plan.ProjectKey);
        Set(variables, "DEPLOY_COMMIT", sha);
        Set(variables, "DEPLOY_REF", reference);
        Set(variables, "DEPLOY_RELEASE", Text(release));
        return variables;
    }

    /// <summary>For commands on a server.</summary>
    /// <param name="plan">The deployment.</param>
    /// <param name="server">The server.</param>
    /// <param name="release">Number of the release that the command is about.</param>
    /// <param name="previous">Number of the release before it.</param>
    public static IReadOnlyDictionary<string, Sensitive> ForServer(DeploymentPlan plan, ServerPlan server, int release, int? previous) => ForServer(
        plan.Variables,
        new ServerContext
        {
            Project = plan.ProjectKey,
            Environment = plan.Environment,
            Server = server.Name,
            Release = release,
            Previous = previous,
            Commit = plan.Commit?.Sha ?? "",
            Ref = plan.Commit?.Ref ?? plan.Reference,
            DeploymentId = plan.DeploymentId,
            Path = server.Path,
        });

    /// <summary>For commands on a server, also outside of a deployment.</summary>
    /// <param name="own">Variables and secrets of the environment.</param>
    /// <param name="context">Where the commands are.</param>
    public static IReadOnlyDictionary<string, Sensitive> ForServer(IReadOnlyDictionary<string, Sensitive> own, ServerContext context)
    {
        var variables = new Dictionary<string, Sensitive>(own, StringComparer.Ordinal);
        Set(variables, "DEPLOY_PROJECT", context.Project);
        Set(variables, "DEPLOY_ENVIRONMENT", context.Environment);
        Set(variables, "DEPLOY_SERVER", context.Server);
        Set(variables, "DEPLOY_RELEASE", Text(context.Release));
        Set(variables, "DEPLOY_COMMIT", context.Commit);
        Set(variables, "DEPLOY_REF", context.Ref);
        Set(variables, "DEPLOY_ID", Text(context.DeploymentId));
        Set(variables, "DEPLOY_PATH", context.Path);
        Set(variables, "DEPLOY_CURRENT", context.Path + "/current");
        Set(variables, "DEPLOY_PREVIOUS", context.Previous is { } number ? $"{context.Path}/releases/{Text(number)}" : "");
        return variables;
    }

    /// <summary>Folder of a release on a server.</summary>
    public static string ReleaseFolder(ServerPlan server, int release) => $"{server.Path}/releases/{Text(release)}";

    private static void Set(Dictionary<string, Sensitive> variables, string name, string value) => variables[name] = new Sensitive(value);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
