using DevOps.Core.Access;
using DevOps.Infrastructure.Access;

namespace DevOps.Blazor.Access;

/// <summary>A user while it is edited.</summary>
public sealed class UserModel
{
    /// <summary>User name.</summary>
    public string Username { get; set; } = "";

    /// <summary>Name for people.</summary>
    public string DisplayName { get; set; } = "";

    /// <summary>Mail address.</summary>
    public string Email { get; set; } = "";

    /// <summary>Role for the whole platform.</summary>
    public Role Role { get; set; } = Role.Viewer;

    /// <summary>Whether the person may not sign in.</summary>
    public bool Disabled { get; set; }

    /// <summary>Roles in single projects, in rows.</summary>
    public List<ProjectRoleRow> Projects { get; } = [];

    /// <summary>The user as the verbs take it.</summary>
    public UserDraft Draft => new()
    {
        Username = Username.Trim(),
        DisplayName = DisplayName,
        Email = Email.Trim(),
        Role = Role,
        Disabled = Disabled,
        Projects = [.. Projects.Where(p => p.Project.Length > 0).Select(p => new ProjectRole(p.Project, p.Role))],
    };

    /// <summary>What is there, to be edited.</summary>
    public static UserModel Of(UserView user)
    {
        var model = new UserModel { Username = user.Username, DisplayName = user.DisplayName, Email = user.Email, Role = user.Role, Disabled = user.Disabled };
        model.Projects.AddRange(user.Projects.Select(p => new ProjectRoleRow { Project = p.Project, Role = p.Role }));
        return model;
    }

    /// <summary>A row of the table of roles.</summary>
    public sealed class ProjectRoleRow
    {
        /// <summary>Key of the project; empty while nothing is chosen.</summary>
        public string Project { get; set; } = "";

        /// <summary>Role there.</summary>
        public Role Role { get; set; } = Role.Deployer;
    }
}
