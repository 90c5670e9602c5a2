using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>A role in one project.</summary>
/// <param name="Project">The project's key.</param>
/// <param name="Role">The role there.</param>
public sealed record ProjectRole(string Project, Role Role);

/// <summary>A user as an administrator wants it.</summary>
public sealed record UserDraft
{
    private const int MaxDisplayName = 100;
    private const int MaxEmail = 256;
    private const int MaxProjects = 1000;

    /// <summary>User name, a slug.</summary>
    public required string Username { get; init; }

    /// <summary>Name for people; the user name when empty.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>Mail address, or empty.</summary>
    public string Email { get; init; } = "";

    /// <summary>Role for the whole platform.</summary>
    public Role Role { get; init; }

    /// <summary>Roles in single projects.</summary>
    public IReadOnlyList<ProjectRole> Projects { get; init; } = [];

    /// <summary>True when the person may not sign in.</summary>
    public bool Disabled { get; init; }

    /// <summary>A new password; null leaves the old one.</summary>
    public string? Password { get; init; }

    /// <summary>The name to show.</summary>
    public string ShownName => DisplayName.Trim().Length == 0 ? Username : DisplayName.Trim();

    internal void Check(Faults faults)
    {
        Slug.Check(Username, "username", faults);
        faults.When(IsReserved(Username), "username", "This name belongs to the platform itself. Choose another.");
        CheckProfile(DisplayName, Email, faults);
        faults.When(Projects.Count > MaxProjects, "projects", $"Give at most {MaxProjects} projects.");
        faults.When(Projects.Any(p => p.Role == Role.None), "projects", "Give a role for each project, or leave the project out.");
        faults.When(Projects.DistinctBy(p => p.Project, StringComparer.Ordinal).Count() != Projects.Count, "projects", "Name each project once.");
        if (Password is not null)
        {
            PasswordRules.Check(Password, Username, "password", faults);
        }
    }

    internal static void CheckProfile(string displayName, string email, Faults faults)
    {
        faults.When(displayName.Length > MaxDisplayName || displayName.Any(char.IsControl), "displayName", $"Use at most {MaxDisplayName} characters in one line.");
        faults.When(email.Length > 0 && !IsEmail(email), "email", "This is no mail address. Leave it empty if there is none.");
    }

    internal async Task<List<ProjectMember>> MembersAsync(DevOpsDbContext db, Guid accountId, CancellationToken cancellationToken)
    {
        var keys = Projects.Select(p => p.Project).ToArray();
        var ids = await db.Projects.Where(p => keys.Contains(p.Key)).ToDictionaryAsync(p => p.Key, p => p.Id, cancellationToken);
        var faults = new Faults();
        foreach (var key in keys.Where(k => !ids.ContainsKey(k)))
        {
            faults.Add("projects", $"There is no project {key}.");
        }

        faults.ThrowIfAny();
        return [.. Projects.Select(p => new ProjectMember { AccountId = accountId, ProjectId = ids[p.Project], Role = p.Role })];
    }

    private static bool IsReserved(string name) => name is "platform" or "anonymous";

    private static bool IsEmail(string text) =>
        text.Length <= MaxEmail && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
        && text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at == text.LastIndexOf('@') && at < text.Length - 1;
}
