terraform {
  required_version = ">= 1.6"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.42"
    }
  }

  # A lease on the blob is the lock; it says who holds it and since when.
  backend "azurerm" {
    storage_account_name = "mysprodbackupstorage"
    container_name       = "tfstate"
    key                  = "new.tfstate"
    use_azuread_auth     = true
  }
}

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

module "new" {
  source = "../../modules/site"

  organisation           = "mys"
  environment            = "prod"
  short                  = "prod"
  zone                   = { name = "mystira.app", resource_group = "dns-zone-rg" }
  databases              = ["publisher_db", "chain_db", "story_generator_db"]
  nodes                  = { size = "Standard_D4s_v5", count = 3 }
  server                 = { sku = "GP_Standard_D4s_v3", storage_mb = 131072, backup_days = 35 }
  administrator_password = var.administrator_password
}
