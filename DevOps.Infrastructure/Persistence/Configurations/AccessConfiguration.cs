using DevOps.Infrastructure.Access;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DevOps.Infrastructure.Persistence.Configurations;

internal sealed class AccountConfiguration : IEntityTypeConfiguration<Account>
{
    public void Configure(EntityTypeBuilder<Account> builder)
    {
        builder.ToTable("accounts");
        builder.Property(a => a.DisplayName).HasMaxLength(100);
        builder.Property(a => a.Role).AsWord();
        builder.Property(a => a.LinkHash).HasMaxLength(64);
        builder.HasIndex(a => a.LinkHash);
        builder.Property(a => a.RoleFrom).HasMaxLength(20);
        builder.HasMany(a => a.Projects).WithOne().HasForeignKey(m => m.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class ProjectMemberConfiguration : IEntityTypeConfiguration<ProjectMember>
{
    public void Configure(EntityTypeBuilder<ProjectMember> builder)
    {
        builder.ToTable("project_members");
        builder.HasKey(m => new { m.ProjectId, m.AccountId });
        builder.Property(m => m.Role).AsWord();
        builder.HasOne<Core.Projects.Project>().WithMany().HasForeignKey(m => m.ProjectId).OnDelete(DeleteBehavior.Cascade);
    }
}
