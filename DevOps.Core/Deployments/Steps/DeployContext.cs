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
    public static IReadOnlyDictionary<string, Sensitive> ForServer(DeploymentPlan plan, ServerPlan server, int release, int? previous)
    {
        var variables = new Dictionary<string, Sensitive>(plan.Variables, StringComparer.Ordinal);
        Set(variables, "DEPLOY_PROJECT", plan.ProjectKey);
        Set(variables, "DEPLOY_ENVIRONMENT", plan.Environment);
        Set(variables, "DEPLOY_SERVER", server.Name);
        Set(variables, "DEPLOY_RELEASE", Text(release));
        Set(variables, "DEPLOY_COMMIT", plan.Commit?.Sha ?? "");
        Set(variables, "DEPLOY_REF", plan.Commit?.Ref ?? plan.Reference);
        Set(variables, "DEPLOY_ID", Text(plan.DeploymentId));
        Set(variables, "DEPLOY_PATH", server.Path);
        Set(variables, "DEPLOY_CURRENT", server.Path + "/current");
        Set(variables, "DEPLOY_PREVIOUS", previous is { } number ? $"{server.Path}/releases/{Text(number)}" : "");
        return variables;
    }

    /// <summary>Folder of a release on a server.</summary>
    public static string ReleaseFolder(ServerPlan server, int release) => $"{server.Path}/releases/{Text(release)}";

    private static void Set(Dictionary<string, Sensitive> variables, string name, string value) => variables[name] = new Sensitive(value);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
