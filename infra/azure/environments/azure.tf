# Linked into each environment's folder: what all of them say alike. Versions are those of modules/site.

provider "azurerm" {
  features {
    resource_group {
      prevent_deletion_if_contains_resources = true
    }
    key_vault {
      purge_soft_delete_on_destroy    = false
      recover_soft_deleted_key_vaults = true
    }
  }
}

variable "administrator_password" {
  description = "Of the pipeline's role on the database server; not asked for when new is destroyed."
  type        = string
  sensitive   = true
  default     = null
}
