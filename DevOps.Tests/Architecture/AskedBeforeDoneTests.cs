using System.Reflection;
using DevOps.Core.Access;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Architecture;

/// <summary>Every verb and every query over the database is told who asks, so that it can ask for the permission itself.</summary>
public sealed class AskedBeforeDoneTests
{
    private static readonly Dictionary<string, string> WithoutActor = new(StringComparer.Ordinal)
    {
        ["DatabaseMigrator.RunAsync"] = "The start of the platform: nobody is there yet.",
        ["UsePasswordLink.RunAsync"] = "Asks for the one-time link instead.",
        ["SignIn.RunAsync"] = "Finds out who it is.",
        ["SignInByForge.RunAsync"] = "Finds out who it is, by the word of a forge.",
        ["SecondStep.RunAsync"] = "Finds out who it is, by a code.",
        ["StartSession.RunAsync"] = "Belongs to a sign-in that was accepted.",
        ["FencedWrites.RunAsync"] = "The work of a job, proved by its lease.",
    };

    [Fact]
    public void Verbs_and_queries_take_who_asks()
    {
        var methods =
            from type in typeof(DevOps.Infrastructure.PlatformOptions).Assembly.GetExportedTypes()
            where type.GetConstructors().Any(c => c.GetParameters().Any(p => p.ParameterType == typeof(IDbContextFactory<DevOpsDbContext>))) && !type.IsAssignableTo(typeof(IJobHandler))
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            where string.Equals(method.Name, "RunAsync", StringComparison.Ordinal) || type.Name.EndsWith("Queries", StringComparison.Ordinal)
            where method.GetParameters() is not [{ ParameterType: var first }, ..] || first != typeof(Actor)
            select $"{type.Name}.{method.Name}";
        var found = methods.Distinct(StringComparer.Ordinal).ToList();

        Assert.Empty(found.Except(WithoutActor.Keys, StringComparer.Ordinal).Select(m => $"{m} takes no Actor first, so it cannot ask whether they may."));
        Assert.Empty(WithoutActor.Keys.Except(found, StringComparer.Ordinal).Select(m => $"{m} is no longer an exception."));
    }
}
